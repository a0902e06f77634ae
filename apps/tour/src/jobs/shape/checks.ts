import type { Tensor } from '@grad/core';
import {
  cookMembrane,
  distort,
  elasticity,
  type Mesh,
  poisson,
  rectangle,
  shapeGradient,
  solve,
} from '@grad/fem';
import { published } from '../../published.ts';
import type { Row } from '../../row.ts';

const around = ['left', 'right', 'bottom', 'top'].map((on) => ({ on }));

/** What the elements give on problems with known answers. */
export function elementRows(): Row[] {
  const square = rectangle({ cells: [32, 32], element: 't3' });
  const largest = solve(poisson({ mesh: square, source: 1, fixed: around }))
    .u.max()
    .item();
  const panel = cookMembrane(8);
  const tip = solve(
    elasticity({
      mesh: panel,
      young: 1,
      poisson: 1 / 3,
      fixed: [{ on: 'left' }],
      loads: [{ on: 'right', traction: [0, 1 / 16] }],
    }),
  ).u.at(8 + 4 * 9, 1);
  return [
    {
      what: 'largest u with −Δu = 1 on a square of 32 × 32 cut cells',
      result: largest,
      reference: published('.073614737354524'),
      source: 'linear triangles, computed independently of @grad',
    },
    {
      what: "tip of Cook's membrane, 8 × 8 quadrilaterals",
      result: tip.item(),
      reference: published('22.079183'),
      source: 'bilinear quadrilaterals; the limit is 23.96 (R. D. Cook 1974)',
    },
    ...sumRows(),
  ];
}

/** Laws of the shape gradient of J = f'u for f = 1, on any mesh. */
function sumRows(): Row[] {
  const mesh = distort(rectangle({ cells: [8, 8], element: 't3' }), { seed: 5 });
  const objective = (of: Mesh): Tensor =>
    solve(poisson({ mesh: of, source: 1, fixed: around })).compliance;
  const gradient = shapeGradient(objective, mesh);
  const value = objective(mesh).item();
  const [x, y] = [mesh.vertices.at(null, 0), mesh.vertices.at(null, 1)];
  const turn = x
    .mul(gradient.at(null, 1))
    .sub(y.mul(gradient.at(null, 0)))
    .sum()
    .item();
  const limit = { kind: 'atMost', limit: 1e-12 } as const;
  return [
    {
      what: 'shape gradient G of J, summed over a distorted mesh',
      result: gradient.sum({ axis: 0 }).abs().max().item(),
      reference: limit,
      source: 'moving a body changes nothing',
    },
    {
      what: 'sum of X · G less 4 J',
      result: Math.abs(gradient.mul(mesh.vertices).sum().item() - 4 * value),
      reference: limit,
      source: 'J grows with the fourth power of the size',
    },
    {
      what: 'sum of X × G',
      result: Math.abs(turn),
      reference: limit,
      source: 'turning a body changes nothing',
    },
  ];
}
