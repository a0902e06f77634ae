import { type Tensor, tensor } from '@grad/core';
import {
  distort,
  type ElementName,
  elasticity,
  type Mesh,
  meshQuality,
  poisson,
  rectangle,
  solve,
} from '@grad/fem';
import { describe, expect, test } from 'vitest';

const sides = ['left', 'right', 'bottom', 'top'];
const distorted = (element: ElementName): Mesh =>
  distort(rectangle({ width: 2, cells: [5, 4], element }), { amount: 0.3, seed: 7 });

const largest = (x: Tensor): number => x.abs().max().item();

describe.each(['t3', 'q4'] as const)('the patch test of %s on a distorted mesh', (element) => {
  const mesh = distorted(element);
  const [x, y] = [mesh.vertices.at(null, 0), mesh.vertices.at(null, 1)];

  test('runs on a mesh that is distorted indeed', () => {
    const { least } = meshQuality(mesh);
    expect(least).toBeGreaterThan(0);
    expect(least).toBeLessThan(0.9);
  });

  test("has the linear solution of Poisson's equation at every vertex", () => {
    const exact = (x: Tensor, y: Tensor): Tensor => x.mul(3).add(y.mul(-2)).add(1);
    const fixed = sides.map((on) => ({ on, value: exact }));
    const { u, flux } = solve(poisson({ mesh, coefficient: 2.5, fixed }));
    expect(largest(u.sub(exact(x, y)))).toBeLessThan(1e-12);
    expect(largest(flux.sub(tensor([-7.5, 5])))).toBeLessThan(1e-12);
  });

  test.each(['stress', 'strain'] as const)('has constant stress in plane %s', (plane) => {
    const ux = (x: Tensor, y: Tensor): Tensor => x.mul(0.03).add(y.mul(0.01)).add(0.2);
    const uy = (x: Tensor, y: Tensor): Tensor => x.mul(-0.02).add(y.mul(0.05));
    const fixed = sides.map((on) => ({ on, x: ux, y: uy }));
    const { u, stress, vonMises } = solve(
      elasticity({ mesh, young: 7, poisson: 0.25, plane, fixed }),
    );
    expect(largest(u.at(null, 0).sub(ux(x, y)))).toBeLessThan(1e-12);
    expect(largest(u.at(null, 1).sub(uy(x, y)))).toBeLessThan(1e-12);
    // Hooke's law for strains 0.03, 0.05 and a shear of -0.01.
    const [e, nu] = [7, 0.25];
    const exact =
      plane === 'stress'
        ? [
            (e / (1 - nu * nu)) * (0.03 + nu * 0.05),
            (e / (1 - nu * nu)) * (0.05 + nu * 0.03),
            (e / 2 / (1 + nu)) * -0.01,
          ]
        : [
            (e / (1 + nu) / (1 - 2 * nu)) * ((1 - nu) * 0.03 + nu * 0.05),
            (e / (1 + nu) / (1 - 2 * nu)) * ((1 - nu) * 0.05 + nu * 0.03),
            (e / 2 / (1 + nu)) * -0.01,
          ];
    expect(largest(stress.sub(tensor(exact)))).toBeLessThan(1e-12);
    // In plane strain there is a stress across the plane too.
    const [sx = 0, sy = 0, sxy = 0] = exact;
    const sz = plane === 'strain' ? nu * (sx + sy) : 0;
    const squares = (sx - sy) ** 2 + (sy - sz) ** 2 + (sz - sx) ** 2;
    expect(largest(vonMises.sub(Math.sqrt(squares / 2 + 3 * sxy ** 2)))).toBeLessThan(1e-12);
  });

  test('passes tractions on: a bar that is pulled is stretched evenly', () => {
    const problem = elasticity({
      mesh,
      young: 5,
      poisson: 0.3,
      thickness: 0.5,
      fixed: [
        { on: 'left', x: 0 },
        { on: [0], y: 0 },
      ],
      loads: [{ on: 'right', traction: [2, 0] }],
    });
    const { u, stress, vonMises, reactions, compliance } = solve(problem);
    expect(largest(stress.sub(tensor([2, 0, 0])))).toBeLessThan(1e-12);
    expect(largest(vonMises.sub(2))).toBeLessThan(1e-12);
    expect(largest(u.at(null, 0).sub(x.mul(2 / 5)))).toBeLessThan(1e-12);
    expect(largest(u.at(null, 1).sub(y.mul(-0.6 / 5)))).toBeLessThan(1e-12);
    expect(largest(reactions.sum({ axis: 0 }).sub(tensor([-1, 0])))).toBeLessThan(1e-12);
    expect(compliance.item()).toBeCloseTo(0.8, 12);
  });
});
