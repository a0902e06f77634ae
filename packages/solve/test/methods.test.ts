import { cos, sin, type Tensor, tensor } from '@grad/core';
import { type OdeMethod, odeint } from '@grad/solve';
import { describe, expect, test } from 'vitest';
import { dopri5 } from '../src/ode/tableaus/dopri5.ts';
import { dopri8 } from '../src/ode/tableaus/dopri8.ts';
import { tsit5 } from '../src/ode/tableaus/tsit5.ts';

const sum = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);

describe.each([
  ['tsit5', tsit5, 5],
  ['dopri5', dopri5, 5],
  ['dopri8', dopri8, 8],
] as const)('the tableau of %s', (_, { c, a, b, errors, dense }, order) => {
  test('has stages that are consistent', () => {
    expect(c.length).toBe(b.length);
    for (const [i, row] of a.entries()) expect(sum(row)).toBeCloseTo(c[i + 1] ?? Number.NaN, 12);
  });

  test('integrates polynomials up to its order, and the tall trees of its order', () => {
    for (let power = 0; power < order; power++) {
      const weighted = b.map((weight, i) => weight * (c[i] ?? 0) ** power);
      expect(sum(weighted)).toBeCloseTo(1 / (power + 1), 12);
    }
    // b' A^(q - 1) 1 = 1 / q!
    let stages: readonly number[] = b.map(() => 1);
    let factorial = 1;
    for (let q = 1; q <= order; q++) {
      factorial *= q;
      expect(sum(b.map((weight, i) => weight * (stages[i] ?? 0)))).toBeCloseTo(1 / factorial, 12);
      const last = stages;
      stages = b.map((_, i) => sum((a[i - 1] ?? []).map((weight, j) => weight * (last[j] ?? 0))));
    }
  });

  test('has errors that vanish for low orders, and an interpolant that ends where the step does', () => {
    for (const weights of errors) expect(sum(weights)).toBeCloseTo(0, 12);
    for (const [i, powers] of dense.entries()) expect(sum(powers)).toBeCloseTo(b[i] ?? 0, 9);
  });
});

/** y' = y cos t + its Riccati-like companion: neither autonomous nor linear. */
const f = ([x, z]: readonly [Tensor, Tensor], t: Tensor): [Tensor, Tensor] => [
  x.mul(cos(t)),
  z.square().mul(sin(t)).neg(),
];
const exact = (t: number): [number, number] => [Math.exp(Math.sin(t)), 1 / (2 - Math.cos(t))];

const orders: readonly (readonly [OdeMethod, number, number])[] = [
  ['euler', 1, 1 / 64],
  ['rk4', 4, 1 / 8],
  ['tsit5', 5, 1 / 6],
  ['dopri5', 5, 1 / 6],
  ['dopri8', 8, 1 / 2],
  ['rodas5p', 5, 1 / 6],
];

test.each(orders)('%s is of order %i', (method, order, h) => {
  const error = (step: number): number => {
    const fixed = method === 'euler' || method === 'rk4';
    const { ys } = odeint(f, [1, 1], [0, 2], {
      method,
      ...(fixed
        ? { stepSize: step }
        : {
            // Every error passes, and every step is as long as the first.
            rtol: 1e6,
            firstStep: step,
            controller: { maxFactor: 1 + 1e-12, safety: 1 },
          }),
    });
    const ends = exact(2);
    return Math.hypot(...ys.map((y, i) => y.at(-1).item() - (ends[i] ?? 0)));
  };
  const rate = Math.log2(error(h) / error(h / 2));
  expect(rate).toBeGreaterThan(order - 0.25);
  expect(rate).toBeLessThan(order + 1.2);
});

test.each(['tsit5', 'dopri5', 'dopri8', 'rodas5p'] as const)(
  '%s keeps to the tolerance between its steps, both ways in time',
  (method) => {
    for (const ts of [
      [0, 0.3, 0.7, 1.1, 1.8, 2],
      [2, 1.7, 1, 0.2, 0.1, -1],
    ]) {
      const start = exact(ts[0] ?? 0);
      const { ys, status } = odeint(f, start, ts, { method, rtol: 1e-9, atol: 1e-11 });
      expect(status).toBe('success');
      ts.forEach((t, i) => {
        exact(t).forEach((value, j) => {
          const found = ys[j]?.at(i).item() ?? Number.NaN;
          expect(Math.abs(found - value)).toBeLessThan(3e-8);
        });
      });
    }
  },
);

test('the Arenstorf orbit closes', () => {
  const [mu, nu] = [0.012277471, 1 - 0.012277471];
  const start = [0.994, 0, 0, -2.0015851063790824] as const;
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
    start,
    [0, 17.065216560157964],
    { method: 'dopri8', rtol: 1e-12, atol: 1e-12 },
  );
  for (const [i, y] of ys.entries()) {
    expect(Math.abs(y.at(-1).item() - (start[i] ?? 0))).toBeLessThan(1e-7);
  }
  // SciPy's DOP853 takes 298 steps as well, and misses by 1.44e-9.
  expect(stats.steps.item()).toBeLessThan(400);
});

test('a step reuses the slope at the end of the one before', () => {
  const { stats } = odeint((y: Tensor) => y.neg(), 1, [0, 3], { method: 'dopri5' });
  const tried = stats.steps.item() + stats.rejected.item();
  expect(stats.evaluations.item()).toBe(6 * tried + 2);
});

test('states may be float32, and matrices in objects', () => {
  const { ys } = odeint(
    ({ m }) => ({ m: m.neg() }),
    { m: tensor([[1, 2]], { dtype: 'float32' }) },
    [0, 1],
  );
  expect([ys.m.dtype, ys.m.shape]).toEqual(['float32', [2, 1, 2]]);
  expect(ys.m.at(1, 0, 1).item()).toBeCloseTo(2 / Math.E, 4);
});
