import { lqr, optimalControl, tvlqr } from '@grad/control';
import { eye, grad, matmul, maximum, scan, stack, type Tensor, tensor } from '@grad/core';
import { minimize } from '@grad/optim';
import type { Row } from '@grad/tour';
import type { Area } from '../line.ts';
import { atMostRow, holdsRow, nearRow, plainRow, printedRow } from '../rows.ts';

const system = {
  A: [
    [1, 0.1],
    [0, 1],
  ],
  B: [[0.005], [0.1]],
  Q: eye(2),
  R: [[1]],
};

const cart = {
  dynamics: (x: Tensor, u: Tensor) => stack([x.at(1), u.at(0)]),
  cost: (_x: Tensor, u: Tensor) => u.at(0).square().mul(0.5),
  initial: [-1, 0],
  terminal: [0, 0],
  horizon: 1,
};

const moon = (initial: readonly number[]) =>
  optimalControl({
    dynamics: (x, u) => {
      const thrust = u.at(0);
      return stack([x.at(1), thrust.div(x.at(2)).sub(1), thrust.div(-2.349)]);
    },
    terminalCost: (x) => x.at(2).neg(),
    initial,
    terminal: [0, 0, null],
    bounds: {
      controls: { lower: [0], upper: [1.227] },
      states: { lower: [0, -Infinity, 0.05], upper: [Infinity, Infinity, Infinity] },
    },
    freeFinalTime: 1.5,
  });

export const control: Area = {
  name: 'control',
  lines: [
    {
      name: 'lqr',
      asks: 'Discrete LQR of the double integrator: K = [.917074563114, 1.635596185047]; 50 steps from (1, 0): J = 17.832331978623, dJ/dx0 = [35.664663957246, 20.022564462391].',
      run() {
        const { K } = lqr(system);
        const { P } = tvlqr(system, { steps: 50, terminal: eye(2).mul(10) });
        const cost = (x: Tensor): Tensor => x.mul(matmul(P.at(0), x)).sum();
        const start = tensor([1, 0]);
        const slope = grad(cost)(start);
        return [
          printedRow('K, first', K.at(0, 0).item(), '.917074563114'),
          printedRow('K, second', K.at(0, 1).item(), '1.635596185047'),
          printedRow('J of 50 steps', cost(start).item(), '17.832331978623'),
          printedRow('dJ/dx0, first', slope.at(0).item(), '35.664663957246'),
          printedRow('dJ/dx0, second', slope.at(1).item(), '20.022564462391'),
        ];
      },
    },
    {
      name: 'minimum-time',
      asks: 'Double integrator from -1 to 0 in least time with |u| <= 1: tf = 2, switch 1.',
      async run() {
        const found = await optimalControl({
          ...cart,
          cost: (_x, u) => u.at(0).mul(0).add(1),
          bounds: { controls: { lower: [-1], upper: [1] } },
          horizon: undefined,
          freeFinalTime: 3,
        }).solve({ method: 'indirect', arcs: ['upper', 'lower'], intervals: 5 });
        return [
          nearRow('final time', found.cost, 2, 1e-9),
          nearRow('switch', found.switches[0] ?? Number.NaN, 1, 1e-9),
        ];
      },
    },
    {
      name: 'minimum-energy',
      asks: 'Double integrator, least energy, T = 1: J = 6, |p0| = (12, 6); with v <= 1.2: J = 7.68, boundary arc [.25, .75].',
      run: energyRows,
    },
    {
      name: 'moon-landing',
      asks: 'Moon landing with mass flow by two methods: switch .239259108626, tf 1.396808089107, m(tf) = .395354363964, with costates, switching function and a constant Hamiltonian.',
      run: moonRows,
    },
    {
      name: 'van-der-pol',
      asks: "CasADi's Van der Pol: J(u=0) = 36.096734562264, |grad J(0)| = 8.130460186379, optimum 3.732969484782 to 1e-7.",
      run: vanDerPolRows,
    },
    {
      name: 'endings',
      asks: 'A poor initial guess, an infeasible problem and an unbounded one each end with a status that says which constraint and by how much.',
      run: endingRows,
    },
  ],
};

async function energyRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const method of ['collocation', 'indirect'] as const) {
    const { cost, costates } = await optimalControl(cart).solve({ method, intervals: 8 });
    rows.push(
      nearRow(`${method}: J`, cost, 6, 1e-8),
      nearRow(`${method}: |p0|, first`, Math.abs(costates.at(0, 0).item()), 12, 1e-7),
      nearRow(`${method}: |p0|, second`, Math.abs(costates.at(0, 1).item()), 6, 1e-7),
    );
  }
  const bounds = { states: { upper: [Infinity, 1.2] } };
  const slow = await optimalControl({ ...cart, bounds }).solve({ intervals: 40 });
  const [times, speeds] = [slow.times.dataSync(), slow.states.at(null, 1).dataSync()];
  const touching = [...times].filter((_, i) => (speeds[i] ?? 0) > 1.2 - 1e-6).map(Number);
  return [
    ...rows,
    nearRow('v <= 1.2: J', slow.cost, 7.68, 1e-6),
    // The ends of the arc are known to an interval.
    nearRow('v <= 1.2: the arc begins', Math.min(...touching), 0.25, 1 / 40 + 1e-9),
    nearRow('v <= 1.2: the arc ends', Math.max(...touching), 0.75, 1 / 40 + 1e-9),
  ];
}

async function moonRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const method of ['collocation', 'indirect'] as const) {
    const found = await moon([1, -0.783, 1]).solve({ method, arcs: ['lower', 'upper'] });
    const rest = method === 'indirect' ? 1e-10 : 1e-7;
    const [off = Number.NaN, end = Number.NaN] = found.switches;
    const p = (k: number, i: number): number => found.costates.at(k, i).item();
    rows.push(
      nearRow(`${method}: switch`, off, 0.239259108626, 1e-7),
      nearRow(`${method}: final time`, end, 1.396808089107, 1e-7),
      nearRow(`${method}: mass at the end`, -found.cost, 0.395354363964, 1e-8),
      atMostRow(`${method}: largest |H|`, found.hamiltonian.abs().max().item(), rest),
      atMostRow(
        `${method}: |switching function| at the switch`,
        Math.abs(found.switching.at(20, 0).item()),
        rest,
      ),
      nearRow(`${method}: p_h at the end less p_h at the start`, p(-1, 0) - p(0, 0), 0, rest),
      nearRow(`${method}: p_m at the end`, p(-1, 2), -1, rest),
    );
  }
  return rows;
}

/** x1' = (1 - x2^2) x1 - x2 + u, x2' = x1, and the cost along the way. */
const vanDerPol = ([a, b]: readonly [Tensor, Tensor], u: Tensor): [Tensor, Tensor, Tensor] => [
  b.square().neg().add(1).mul(a).sub(b).add(u),
  a,
  a.square().add(b.square()).add(u.square()),
];

type State = readonly [Tensor, Tensor, Tensor];

/** Four steps of RK4 in an interval of half a unit. */
function interval([a, b, c]: State, u: Tensor): [Tensor, Tensor, Tensor] {
  const h = 10 / 20 / 4;
  let [x, y, z] = [a, b, c];
  for (let k = 0; k < 4; k++) {
    const k1 = vanDerPol([x, y], u);
    const at = (s: number, [dx, dy]: State): [Tensor, Tensor] => [
      x.add(dx.mul(s * h)),
      y.add(dy.mul(s * h)),
    ];
    const k2 = vanDerPol(at(0.5, k1), u);
    const k3 = vanDerPol(at(0.5, k2), u);
    const k4 = vanDerPol(at(1, k3), u);
    const step = (v: Tensor, i: 0 | 1 | 2): Tensor =>
      v.add(
        k1[i]
          .add(k2[i].mul(2))
          .add(k3[i].mul(2))
          .add(k4[i])
          .mul(h / 6),
      );
    [x, y, z] = [step(x, 0), step(y, 1), step(z, 2)];
  }
  return [x, y, z];
}

async function vanDerPolRows(): Promise<Row[]> {
  const run = (u: Tensor): { cost: Tensor; x1: Tensor } => {
    const start: State = [tensor(0), tensor(1), tensor(0)];
    const [[, , cost], x1] = scan(
      (state: State, control: Tensor) => {
        const next = interval(state, control);
        return [next, next[0]];
      },
      start,
      u,
    );
    return { cost, x1 };
  };
  const cost = (u: Tensor): Tensor => run(u).cost;
  const zero = tensor(new Float64Array(20));
  const found = await minimize(cost, zero, {
    bounds: { lower: -1, upper: 1 },
    inequalities: (u: Tensor) => ({ x1: run(u).x1.add(0.25) }),
  });
  return [
    printedRow('J(u = 0)', cost(zero).item(), '36.096734562264'),
    printedRow('|grad J(0)|', grad(cost)(zero).square().sum().sqrt().item(), '8.130460186379'),
    holdsRow('the optimum is converged', found.status === 'converged'),
    nearRow('optimum', found.value, 3.732969484782, 1e-7),
    atMostRow(
      'violation of x1 >= -.25',
      maximum(run(found.x).x1.add(0.25).neg().max(), 0).item(),
      1e-8,
    ),
    plainRow('iterations', found.iterations),
  ];
}

async function endingRows(): Promise<Row[]> {
  const options = { arcs: ['lower', 'upper'], intervals: 6 } as const;
  const low = await moon([0.1, -2, 1]).solve(options);
  const { terminal, cost, ...rest } = cart;
  const endless = await optimalControl({ ...rest, terminalCost: (x) => x.at(0) }).solve({
    intervals: 5,
  });
  const poor = await optimalControl({
    ...cart,
    cost: (_x, u) => u.at(0).mul(0).add(1),
    bounds: { controls: { lower: [-1], upper: [1] } },
    horizon: undefined,
    freeFinalTime: 60,
  }).solve({ arcs: ['upper', 'lower'], intervals: 5, maxIterations: 60 });
  return [
    holdsRow('infeasible: the status says so', low.status === 'infeasible'),
    holdsRow('infeasible: a constraint is named', (low.violated[0]?.name ?? '') !== ''),
    plainRow('infeasible: by how much', low.violated[0]?.amount ?? Number.NaN),
    holdsRow('unbounded: the status says so', endless.status === 'unbounded'),
    holdsRow(
      'a final time guessed 30 times too long: converged, or a status with a message',
      poor.status === 'converged' || poor.message.length > 20,
    ),
    plainRow('a final time guessed 30 times too long: cost', poor.cost),
  ];
}
