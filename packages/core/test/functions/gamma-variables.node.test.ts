// Gamma variables and what is made of them: their implicit derivatives, their edges, and bounds.

import { grad, jit, jvp, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { distance, gammaCdf } from './distribution-functions.ts';

const n = 100_000;
const seeded = random.key(2026);

describe('gamma, beta and dirichlet', () => {
  test('have the implicit derivatives of their distribution functions', () => {
    // The derivative of a variable at its median, by the inverse of F in Figurnov et al. (2018).
    const known = [
      [0.5, 0.85836744],
      [1, 0.96804483],
      [2, 0.99329489],
      [5, 0.99909303],
    ] as const;
    for (const [alpha, slope] of known) {
      const keys = random.keys(seeded, 4000);
      const f = (a: Tensor): Tensor => vmap((key: Tensor) => random.gamma(key, a))(keys);
      const [z, dz] = jvp(f, [tensor(alpha)], [tensor(1)]);
      const order = Array.from(z.dataSync(), (value, i) => [value, dz.dataSync()[i] ?? 0] as const);
      order.sort((x, y) => x[0] - y[0]);
      // Linear between the two variables around the median.
      const at = order.findIndex(([value]) => gammaCdf(alpha, value) > 0.5);
      const [below, above] = [order[at - 1], order[at]];
      if (!below || !above) throw new Error('unreachable');
      const [p, q] = [gammaCdf(alpha, below[0]), gammaCdf(alpha, above[0])];
      const there = below[1] + ((0.5 - p) / (q - p)) * (above[1] - below[1]);
      expect(Math.abs(there - slope)).toBeLessThan(2e-6);
    }
  });

  test('have derivatives whose means are those of the moments, however small the shape', () => {
    for (const alpha of [1e-3, 0.2, 3, 200]) {
      const mean = (a: Tensor): Tensor => random.gamma(seeded, a, [n]).mean();
      const slopes = vmap(grad((a: Tensor) => random.gamma(seeded, a)))(tensor([alpha]));
      expect(slopes.item()).toBeGreaterThanOrEqual(0);
      // The slope at 1e-3 is far from normal: a few variables carry it.
      expect(Math.abs(grad(mean)(alpha).item() - 1)).toBeLessThan(alpha < 0.01 ? 0.15 : 0.02);
      const logs = (a: Tensor): Tensor => random.logGamma(seeded, a, [n]).mean();
      const trigamma = { 0.001: 1000001.6425, 0.2: 26.267377, 3: 0.394934, 200: 0.005012521 }[
        alpha
      ];
      expect(grad(logs)(alpha).item() / (trigamma ?? 0)).toBeCloseTo(1, 1);
    }
  });

  test('have second derivatives, by finite differences of the first at the same quantile', () => {
    // z(alpha) on a quantile solves F(alpha, z) = p: its derivatives are those of its own solution.
    const quantile = (alpha: number, p: number): number => {
      let [lo, hi] = [0, 100];
      for (let i = 0; i < 200; i++) {
        const middle = (lo + hi) / 2;
        if (gammaCdf(alpha, middle) < p) lo = middle;
        else hi = middle;
      }
      return lo;
    };
    const f = (a: Tensor): Tensor => random.gamma(seeded, a);
    for (const alpha of [0.6, 4]) {
      const z = f(tensor(alpha)).item();
      const p = gammaCdf(alpha, z);
      const h = 1e-3;
      const [up, middle, down] = [alpha + h, alpha, alpha - h].map((a) => quantile(a, p));
      const second = ((up ?? 0) - 2 * (middle ?? 0) + (down ?? 0)) / h ** 2;
      const first = grad(f)(alpha).item();
      expect(first).toBeCloseTo(((up ?? 0) - (down ?? 0)) / (2 * h), 5);
      expect(grad(grad(f))(alpha).item()).toBeCloseTo(second, 3);
    }
  });

  test('of tiny shapes keep their logarithms, and a dirichlet its sum', () => {
    const logs = random.logGamma(seeded, 1e-4, [n]);
    expect(distance(logs.mul(1e-4).exp(), (x) => x)).toBeLessThan(1.95);
    const points = random.dirichlet(seeded, [1e-4, 1e-4], [1000]);
    expect(points.sum({ axis: 1 }).sub(1).abs().max().item()).toBeLessThan(1e-15);
    expect(Number.isFinite(grad((a: Tensor) => random.beta(seeded, a, 1e-4))(1e-4).item())).toBe(
      true,
    );
  });

  test('broadcast their parameters, and are mapped over and compiled with the same bits', () => {
    const alphas = tensor([[0.5], [3]]);
    const table = random.gamma(seeded, alphas, [2, 3]);
    const again = jit((a: Tensor) => random.gamma(seeded, a, [2, 3]))(alphas);
    expect(again.toArray()).toEqual(table.toArray());
    const each = vmap((a: Tensor) => random.gamma(seeded, a))(tensor([0.5, 3]));
    expect(each.toArray()).toEqual([0.5, 3].map((a) => random.gamma(seeded, a).item()));
    expect(random.beta(seeded, tensor([1, 2]), tensor([[1], [3]])).shape).toEqual([2, 2]);
    expect(random.gamma(seeded, tensor([0, -1, Number.NaN])).toArray()).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(() => random.gamma(seeded, tensor([1, 2]), [3])).toThrow(
      'broadcastTo: shapes [2] and [3] do not broadcast',
    );
    expect(() => random.dirichlet(seeded, 1)).toThrow('random.dirichlet: alpha is a scalar');
  });
});

describe('truncatedNormal', () => {
  test('reaches as far out as its bounds', () => {
    // Beyond a, a normal exceeds it by an exponential variable of rate about a.
    const far = random.truncatedNormal(seeded, [n], { low: 30 });
    const excess = far.sub(30);
    const tail = (t: number): number => -Math.expm1(-30 * t - (t * t) / 2 - Math.log1p(t / 30) * 1);
    expect(distance(excess, tail)).toBeLessThan(1.95);
    const left = random.truncatedNormal(seeded, [n], { high: -30 });
    expect(left.max().item()).toBeLessThanOrEqual(-30);
    const narrow = random.truncatedNormal(seeded, [n], { low: 6, high: 6.001, dtype: 'float32' });
    expect(narrow.min().item()).toBeGreaterThanOrEqual(Math.fround(6));
    expect(narrow.max().item()).toBeLessThanOrEqual(Math.fround(6.001));
  });

  test('is differentiable in its bounds', () => {
    const f = (lo: Tensor, hi: Tensor): Tensor =>
      random.truncatedNormal(seeded, [5], { low: lo, high: hi });
    checkGrads(f, [tensor(-1), tensor(2)], { order: 2 });
    checkGrads(f, [tensor(7), tensor(8)], { order: 1 });
  });
});
