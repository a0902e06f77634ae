import { grad, jit, type Tensor, tensor } from '@grad/core';
import {
  cookMembrane,
  distort,
  edgeStress,
  elasticity,
  elementAreas,
  type Mesh,
  meshQuality,
  optimizeShape,
  plateWithHole,
  pNorm,
  poisson,
  rectangle,
  shapeGradient,
  solve,
  topologyOptimization,
} from '@grad/fem';
import { beam, beamMesh, complianceRows, gradientRow, type Row } from '@grad/tour';
import { differenceError } from '../differences.ts';
import { leastTime } from '../least-time.ts';
import type { Area } from '../line.ts';
import { atMostRow, holdsRow, nearRow, plainRow, printedRow } from '../rows.ts';

const around = ['left', 'right', 'bottom', 'top'].map((on) => ({ on }));
const kinds = ['t3', 'q4'] as const;
const largest = (x: Tensor): number => x.abs().max().item();
const column = (x: Tensor, i: number): Tensor => x.at(null, i);

/** A quarter of a plate with a hole under loads 2 and 1. */
const plate = (mesh: Mesh) =>
  elasticity({
    mesh,
    young: 1,
    poisson: 0.3,
    fixed: [
      { on: 'left', x: 0 },
      { on: 'bottom', y: 0 },
    ],
    loads: [
      { on: 'right', traction: [2, 0] },
      { on: 'top', traction: [0, 1] },
    ],
  });
const hoop = (mesh: Mesh): Tensor =>
  edgeStress({ mesh, u: solve(plate(mesh)).u, on: 'hole', young: 1 });
const held = [{ on: 'right' }, { on: 'top' }, { on: 'left', x: 0 }, { on: 'bottom', y: 0 }];

export const fem: Area = {
  name: 'fem',
  lines: [
    {
      name: 'patch-test',
      asks: 'Patch test, every element (t3 and q4 are there), distorted mesh, 1e-12.',
      run: () => kinds.flatMap(patchRows),
    },
    {
      name: 'poisson',
      asks: 'Poisson on the unit square, P1, all squares cut along one direction: largest u at n = 8, 16, 32.',
      run: () =>
        [
          [8, '.072782628676471'],
          [16, '.073445766578920'],
          [32, '.073614737354524'],
        ].map(([n, digits]) => {
          const mesh = rectangle({ cells: [Number(n), Number(n)], element: 't3' });
          const { u } = solve(poisson({ mesh, source: 1, fixed: around }));
          return printedRow(`largest u, n = ${n}`, u.max().item(), String(digits));
        }),
    },
    {
      name: 'cook',
      asks: "Cook's membrane: u_y at the middle of the loaded edge for Q4 n = 2, 4, 8; the limit is 23.96.",
      run() {
        const tip = (n: number): number => {
          const problem = elasticity({
            mesh: cookMembrane(n),
            young: 1,
            poisson: 1 / 3,
            fixed: [{ on: 'left' }],
            loads: [{ on: 'right', traction: [0, 1 / 16] }],
          });
          return solve(problem)
            .u.at(n + (n / 2) * (n + 1), 1)
            .item();
        };
        return [
          printedRow('n = 2', tip(2), '11.845180'),
          printedRow('n = 4', tip(4), '18.299166'),
          printedRow('n = 8', tip(8), '22.079183'),
          nearRow('n = 128, towards the limit', tip(128), 23.96, 0.02),
        ];
      },
    },
    {
      name: 'mbb',
      asks: 'MBB 60x20: compliance 1007.022101, 583.627944, 417.059271 in iterations 1-3 and 216.8137 at the end, iteration 106.',
      async run({ show }) {
        const mesh = beamMesh();
        const result = await topologyOptimization({
          mesh,
          problem: (young) => beam(mesh, young),
          volume: 0.5,
          filterRadius: 2.4,
          onIteration: ({ iteration }) => show('optimizing', Math.min(1, iteration / 106)),
        });
        return [...complianceRows(result), gradientRow(mesh, result.densities)];
      },
    },
    {
      name: 'shape-gradient',
      asks: "Shape gradient of J = f'u for any mesh with f = 1: sum G = 0, sum X.G = 4J, sum X^G = 0 to 1e-12.",
      run: () => kinds.flatMap(shapeRows),
    },
    {
      name: 'shape-differences',
      asks: 'Shape gradients of elasticity and of the p-norm of von Mises stress agree with finite differences.',
      run() {
        const mesh = distort(plateWithHole({ cells: [6, 5], halfWidth: 4 }), {
          amount: 0.1,
          seed: 2,
        });
        const compliance = (vertices: Tensor): Tensor =>
          solve(plate({ ...mesh, vertices })).compliance;
        const norm = (vertices: Tensor): Tensor => {
          const of = { ...mesh, vertices };
          return pNorm(solve(plate(of)).vonMises, { p: 6, weights: elementAreas(of) });
        };
        return [
          atMostRow('compliance, relative', differenceError(compliance, mesh.vertices), 1e-7),
          atMostRow('p-norm of stresses, relative', differenceError(norm, mesh.vertices), 1e-7),
        ];
      },
    },
    {
      name: 'stress-minimal-hole',
      asks: 'A circular hole of fixed area under loads 2 and 1 (peak hoop stress 5) becomes a 2:1 ellipse with uniform stress 3, within 3 % for a half-width of 10 radii; elements never invert; a cut step names the worst element.',
      run: holeRows,
    },
    {
      name: 'large',
      asks: '100,000 unknowns solved and differentiated, the gradient at most 2x the solve (processor time, best of 3).',
      run() {
        const mesh = rectangle({ width: 2, cells: [316, 158], element: 'q4' });
        const f = (young: Tensor): Tensor =>
          solve(
            elasticity({
              mesh,
              young,
              poisson: 0.3,
              fixed: [{ on: 'left' }],
              loads: [{ on: 'right', traction: [0, -1] }],
            }),
          )
            .u.square()
            .sum();
        const [value, gradient] = [jit(f), jit(grad(f))];
        const young = tensor(new Float64Array(316 * 158).fill(1));
        const [solved, differentiated] = [
          leastTime(value, young, 3),
          leastTime(gradient, young, 3),
        ];
        return [
          plainRow('unknowns', 2 * 317 * 159),
          plainRow('processor seconds of a solve', solved),
          // A gradient contains the solve itself.
          atMostRow('time of value and gradient in solves', differentiated / solved, 3),
          atMostRow('time of the gradient alone in solves', differentiated / solved - 1, 2),
        ];
      },
    },
  ],
};

function patchRows(element: (typeof kinds)[number]): Row[] {
  const mesh = distort(rectangle({ width: 2, cells: [5, 4], element }), { amount: 0.3, seed: 7 });
  const [x, y] = [column(mesh.vertices, 0), column(mesh.vertices, 1)];
  const linear = (a: number, b: number, c: number) => (x: Tensor, y: Tensor) =>
    x.mul(a).add(y.mul(b)).add(c);
  const exact = linear(3, -2, 1);
  const flow = solve(
    poisson({ mesh, coefficient: 2.5, fixed: around.map((side) => ({ ...side, value: exact })) }),
  );
  const [ux, uy] = [linear(0.03, 0.01, 0.2), linear(-0.02, 0.05, 0)];
  const body = solve(
    elasticity({
      mesh,
      young: 7,
      poisson: 0.25,
      fixed: around.map((side) => ({ ...side, x: ux, y: uy })),
    }),
  );
  const [e, nu] = [7, 0.25];
  const stress = tensor([
    (e / (1 - nu * nu)) * (0.03 + nu * 0.05),
    (e / (1 - nu * nu)) * (0.05 + nu * 0.03),
    (e / 2 / (1 + nu)) * -0.01,
  ]);
  return [
    atMostRow(`${element}, Poisson: u`, largest(flow.u.sub(exact(x, y))), 1e-12),
    atMostRow(`${element}, Poisson: flux`, largest(flow.flux.sub(tensor([-7.5, 5]))), 1e-12),
    atMostRow(
      `${element}, elasticity: u`,
      Math.max(largest(column(body.u, 0).sub(ux(x, y))), largest(column(body.u, 1).sub(uy(x, y)))),
      1e-12,
    ),
    atMostRow(`${element}, elasticity: stress`, largest(body.stress.sub(stress)), 1e-12),
  ];
}

function shapeRows(element: (typeof kinds)[number]): Row[] {
  const mesh = distort(rectangle({ cells: [9, 7], width: 1.5, element }), { seed: 11 });
  const objective = (of: Mesh): Tensor =>
    solve(poisson({ mesh: of, source: 1, fixed: around })).compliance;
  const [G, J] = [shapeGradient(objective, mesh), objective(mesh).item()];
  const X = mesh.vertices;
  const turn = column(X, 0)
    .mul(column(G, 1))
    .sub(column(X, 1).mul(column(G, 0)))
    .sum();
  return [
    atMostRow(`${element}: |sum G|`, largest(G.sum({ axis: 0 })), 1e-12),
    atMostRow(`${element}: |sum X.G - 4J|`, Math.abs(G.mul(X).sum().item() - 4 * J), 1e-12),
    atMostRow(`${element}: |sum X^G|`, Math.abs(turn.item()), 1e-12),
  ];
}

async function holeRows(): Promise<Row[]> {
  const made = plateWithHole({ cells: [24, 24] });
  const { mesh, history, status } = await optimizeShape({
    mesh: made,
    objective: (of) => solve(plate(of)).compliance,
    moving: 'hole',
    fixed: held,
  });
  const around = hoop(mesh);
  const [high, low] = [around.max().item(), around.min().item()];
  const { vertices } = mesh;
  const onAxis = (axis: number): number => {
    const across = column(vertices, 1 - axis).dataSync();
    const along = column(vertices, axis).dataSync();
    return Math.min(...along.filter((_, v) => Math.abs(across[v] ?? 1) < 1e-9));
  };
  const coarse = await optimizeShape({
    mesh: plateWithHole({ cells: [8, 4] }),
    objective: (of) => solve(plate(of)).compliance,
    moving: 'hole',
    fixed: held,
    largestMove: 30,
    maxIterations: 1,
  });
  const cut = coarse.history.flatMap((step) => step.cuts);
  return [
    holdsRow('the search converged', status === 'converged'),
    nearRow('peak hoop stress of the circle', hoop(made).max().item(), 5, 0.15),
    nearRow('largest hoop stress at the end', high, 3, 0.09),
    nearRow('least hoop stress at the end', low, 3, 0.09),
    nearRow('axes of the hole, long by short', onAxis(0) / onAxis(1), 2, 0.06),
    atMostRow(
      'area of the plate, change',
      Math.abs(elementAreas(mesh).sum().item() / elementAreas(made).sum().item() - 1),
      1e-9,
    ),
    holdsRow('no element is inverted', meshQuality(mesh).least > 0),
    plainRow('steps of the search', history.length),
    holdsRow(
      'steps that are cut name the worst element',
      cut.length > 0 && cut.every(({ element }) => Number.isInteger(element)),
    ),
  ];
}
