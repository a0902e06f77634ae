import { grad, jit, random, type Tensor, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';

const n = 20000;
const seeded = random.key(7);

/** Kolmogorov-Smirnov distance from a distribution function, times sqrt(n): above 1.95 once in 1000. */
function distance(sample: Tensor, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(sample.dataSync()).sort();
  let worst = 0;
  sorted.forEach((x, i) => {
    const f = cdf(x);
    worst = Math.max(worst, Math.abs(f - i / n), Math.abs(f - (i + 1) / n));
  });
  return worst * Math.sqrt(n);
}

function normalCdf(x: number): number {
  // Abramowitz and Stegun 7.1.26, to 1.5e-7.
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const series =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * series * Math.exp(-0.5 * x * x);
  return x > 0 ? 1 - tail : tail;
}

describe('keys', () => {
  test('give the published words of Threefry-2x32-20', () => {
    const zero = random.key(0);
    expect(random.bits(zero, [1]).at(0).item() >>> 0).toBe(0x6b200159);
    const both = ((0x6b200159 >>> 5) * 2 ** 26 + (0x99ba4efe >>> 6)) / 2 ** 53;
    expect(random.uniform(zero).item()).toBe(both);
  });

  test('give the same numbers again, and others after a split or a fold', () => {
    expect(random.bits(seeded, [3]).toArray()).toEqual(random.bits(random.key(7), [3]).toArray());
    expect(random.bits(seeded, [5]).at([0, 3]).toArray()).toEqual(
      random.bits(seeded, [3]).toArray(),
    );
    const drawn = [
      ...random.split(seeded, 3),
      random.foldIn(seeded, 1),
      random.foldIn(seeded, 2),
      seeded,
    ].map((k) => String(random.bits(k, [2]).toArray()));
    expect(new Set(drawn).size).toBe(6);
    expect(random.key(2 ** 32).toArray()).toEqual([1, 0]);
  });

  test('are refused when they are no keys', () => {
    expect(() => random.key(0.5)).toThrow('a whole number below 2^53');
    expect(() => random.foldIn(seeded, 0.5)).toThrow('0.5 is not a whole number');
    expect(() => random.uniform(random.keys(seeded, 2))).toThrow('Use vmap for a batch of keys');
  });

  test('are mapped over, under jit as well', () => {
    const draw = (k: Tensor): Tensor => random.uniform(k, [2]);
    const batch = random.keys(seeded, 3);
    const each = [0, 1, 2].map((i) => draw(batch.at(i)).toArray());
    expect(vmap(draw)(batch).toArray()).toEqual(each);
    expect(jit(vmap(draw))(batch).toArray()).toEqual(each);
  });
});

describe('distributions', () => {
  test('uniform fills its interval evenly in both precisions', () => {
    for (const dtype of ['float64', 'float32'] as const) {
      const u = random.uniform(seeded, [n], { dtype });
      expect(u.dtype).toBe(dtype);
      expect(u.min().item()).toBeGreaterThanOrEqual(0);
      expect(u.max().item()).toBeLessThan(1);
      expect(distance(u, (x) => x)).toBeLessThan(1.95);
    }
    const shifted = random.uniform(seeded, [n], { low: -2, high: 3 });
    expect(distance(shifted, (x) => (x + 2) / 5)).toBeLessThan(1.95);
  });

  test('normal, exponential and gumbel have their distribution functions', () => {
    expect(distance(random.normal(seeded, [n]), normalCdf)).toBeLessThan(1.95);
    expect(distance(random.normal(seeded, [n], { dtype: 'float32' }), normalCdf)).toBeLessThan(
      1.95,
    );
    expect(distance(random.exponential(seeded, [n]), (x) => 1 - Math.exp(-x))).toBeLessThan(1.95);
    expect(distance(random.gumbel(seeded, [n]), (x) => Math.exp(-Math.exp(-x)))).toBeLessThan(1.95);
  });

  test('bernoulli, categorical and randint have their frequencies', () => {
    const share = (x: Tensor): number => x.astype('float64').mean().item();
    expect(Math.abs(share(random.bernoulli(seeded, 0.3, [n])) - 0.3)).toBeLessThan(0.011);
    const classes = random.categorical(seeded, [0, Math.log(3), Number.NEGATIVE_INFINITY], [n]);
    expect(classes.dtype).toBe('int32');
    expect(Math.abs(share(classes.eq(1)) - 0.75)).toBeLessThan(0.011);
    expect(share(classes.eq(2))).toBe(0);
    const dice = random.randint(seeded, 1, 7, [n]);
    expect([dice.min().item(), dice.max().item()]).toEqual([1, 6]);
    expect(Math.abs(share(dice.eq(6)) - 1 / 6)).toBeLessThan(0.01);
    expect(() => random.randint(seeded, 3, 3)).toThrow('[3, 3) is not a range');
  });

  test('permutation keeps every element', () => {
    const order = random.permutation(seeded, 100);
    expect(order.toArray()).not.toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(Array.from(order.dataSync()).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    const rows = random.uniform(seeded, [4, 2]);
    expect(random.permutation(seeded, rows).sum().item()).toBeCloseTo(rows.sum().item(), 14);
  });

  test('are differentiated in their parameters', () => {
    const mean = (scale: Tensor): Tensor => random.normal(seeded, [n]).mul(scale).square().mean();
    expect(Math.abs(grad(mean)(2).item() - 4)).toBeLessThan(0.12);
    const bound = (high: Tensor): Tensor => random.uniform(seeded, [n], { high }).mean();
    expect(Math.abs(grad(bound)(3).item() - 0.5)).toBeLessThan(0.008);
  });
});
