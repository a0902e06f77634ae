import { grad, jit, type Tensor, tensor } from '@grad/core';
import { type OdeAdjoint, odeint } from '@grad/solve';
import { linearRow, type Row } from '@grad/tour';
import type { Area } from '../line.ts';
import { holdsRow, nearRow, plainRow, printedRow } from '../rows.ts';

type Two = readonly [Tensor, Tensor];
type Three = readonly [Tensor, Tensor, Tensor];
type Four = readonly [Tensor, Tensor, Tensor, Tensor];

const adjoints: readonly OdeAdjoint[] = [
  'discrete',
  'checkpointed',
  'backsolve',
  'interpolating',
  'forward',
];

/** Predators and prey: u' = a u - b u v, v' = -c v + d u v. */
const lotkaVolterra = ([u, v]: Two, _: Tensor, [a, b, c, d]: Four): [Tensor, Tensor] => [
  u.mul(a).sub(u.mul(v).mul(b)),
  u.mul(v).mul(d).sub(v.mul(c)),
];

const robertson = ([a, b, c]: Three): [Tensor, Tensor, Tensor] => {
  const [slow, fast] = [a.mul(-0.04).add(b.mul(c).mul(1e4)), b.square().mul(3e7)];
  return [slow, slow.add(fast).neg(), fast];
};

const vanDerPol = ([y, v]: Two): [Tensor, Tensor] => [
  v,
  y.square().neg().add(1).mul(v).sub(y).mul(1e6),
];

export const solve: Area = {
  name: 'solve',
  lines: [
    {
      name: 'arenstorf',
      asks: 'The Arenstorf orbit closes in all four components to 1e-7 at rtol = atol = 1e-12.',
      run: arenstorfRows,
    },
    {
      name: 'lotka-volterra',
      asks: 'Derivatives of Lotka-Volterra in start and rates, by every adjoint.',
      run: () => adjoints.flatMap(lotkaVolterraRows),
    },
    {
      name: 'falling-ball',
      asks: 'A ball dropped from x0 under g = 8 lands at sqrt(x0)/2 with derivative 1/(4 sqrt(x0)).',
      run() {
        const time = (height: Tensor): Tensor =>
          odeint(({ v }) => ({ x: v, v: -8 }), { x: height, v: 0 }, [0, 10], {
            events: [{ condition: ({ x }) => x, direction: 'falling' }],
          }).event.t;
        return [0.3, 1, 9].flatMap((x0) => [
          nearRow(`x0 = ${x0}: time`, time(tensor(x0)).item(), Math.sqrt(x0) / 2, 1e-12),
          nearRow(`x0 = ${x0}: derivative`, grad(time)(x0).item(), 1 / (4 * Math.sqrt(x0)), 1e-11),
        ]);
      },
    },
    {
      name: 'linear-cnf',
      asks: 'Linear CNF: the change of log-density is exactly -tr(A) T.',
      run: () => [linearRow()],
    },
    {
      name: 'stiff',
      asks: 'Robertson to 1e11 and Van der Pol eps = 1e-6 by the stiff solver.',
      run() {
        const [a, b, c] = odeint(robertson, [1, 0, 0], [0, 1e11], {
          method: 'rodas5p',
          rtol: 1e-9,
          atol: 1e-18,
        }).ys.map((y) => y.at(-1).item());
        const [y, v] = odeint(vanDerPol, [2, 0], [0, 2], {
          method: 'rodas5p',
          rtol: 1e-10,
          atol: 1e-10,
        }).ys.map((x) => x.at(-1).item());
        return [
          printedRow('Robertson: first', a ?? Number.NaN, '2.083340e-8'),
          printedRow('Robertson: second', b ?? Number.NaN, '8.333361e-14'),
          printedRow('Robertson: third', c ?? Number.NaN, '.99999998'),
          printedRow('Van der Pol: y', y ?? Number.NaN, '1.70616773'),
          printedRow("Van der Pol: y'", v ?? Number.NaN, '-.8928097'),
        ];
      },
    },
    {
      name: 'stiff-explicit',
      asks: 'Explicit methods stop on stiff problems with a message, not a hang.',
      run: () =>
        (['tsit5', 'dopri5', 'dopri8'] as const).flatMap((method) => {
          const options = { method, maxSteps: 20_000 };
          const ends = [
            odeint(vanDerPol, [2, 0], [0, 2], options),
            odeint(robertson, [1, 0, 0], [0, 1e11], options),
          ];
          return ends.map(({ status, message }, i) =>
            holdsRow(
              `${method} on ${['Van der Pol', 'Robertson'][i]}: status stiff, with a message`,
              status === 'stiff' && /rodas5p/.test(message ?? ''),
            ),
          );
        }),
    },
  ],
};

function arenstorfRows(): Row[] {
  const [mu, nu] = [0.012277471, 1 - 0.012277471];
  const start: readonly number[] = [0.994, 0, 0, -2.0015851063790824];
  const { ys, stats } = odeint(
    ([x, y, vx, vy]) => {
      const earth = x.add(mu).square().add(y.square()).pow(1.5);
      const moon = x.sub(nu).square().add(y.square()).pow(1.5);
      const pull = (far: Tensor, near: Tensor): Tensor =>
        far.mul(nu).div(earth).add(near.mul(mu).div(moon));
      return [
        vx,
        vy,
        x.add(vy.mul(2)).sub(pull(x.add(mu), x.sub(nu))),
        y.sub(vx.mul(2)).sub(pull(y, y)),
      ] as const;
    },
    [0.994, 0, 0, -2.0015851063790824],
    [0, 17.065216560157964],
    { method: 'dopri8', rtol: 1e-12, atol: 1e-12 },
  );
  return [
    ...ys.map((y, i) =>
      nearRow(`component ${i + 1} at the end`, y.at(-1).item(), start[i] ?? Number.NaN, 1e-7),
    ),
    plainRow('steps of dopri8', stats.steps.item()),
  ];
}

function lotkaVolterraRows(adjoint: OdeAdjoint): Row[] {
  const loss = (y0: Two, p: Four): Tensor => {
    const options = { args: p, rtol: 1e-12, atol: 1e-12, maxSteps: 6000, adjoint } as const;
    const [u, v] = odeint(lotkaVolterra, y0, [0, 10], options).ys;
    return u.at(-1).sub(1).square().add(v.at(-1).sub(1).square()).mul(0.5);
  };
  const gradient = jit(grad(loss, { argnums: [0, 1] }));
  const [inStart, inRates] = gradient([1, 1], [1.5, 1, 3, 1]);
  const known = {
    'u(0)': '.299599508304',
    'v(0)': '-.014151816345',
    p1: '.621961585551',
    p2: '.068001404151',
    p3: '.169176463996',
    p4: '.272560693950',
  };
  const found = [...inStart, ...inRates].map((x) => x.item());
  // Solutions are to 1e-12 a step, and errors grow along ten units of time.
  return Object.entries(known).map(([name, digits], i) =>
    nearRow(`${adjoint}: d / d ${name}`, found[i] ?? Number.NaN, Number(digits), 1e-10),
  );
}
