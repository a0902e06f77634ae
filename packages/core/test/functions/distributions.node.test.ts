// Every distribution of random: the Kolmogorov-Smirnov distance from its distribution function and its
// moments, or a chi-squared statistic where it is discrete. Seeds are fixed, so that nothing here is
// left to chance; bounds are those that chance exceeds once in 1000.

import { random, type Tensor, tensor, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';
import {
  betaCdf,
  chiSquared,
  distance,
  gammaCdf,
  normalCdf,
  offBy,
} from './distribution-functions.ts';

const n = 100_000;
const seeded = random.key(2026);
const dtypes = ['float64', 'float32'] as const;
type Float = (typeof dtypes)[number];

interface Continuous {
  readonly title: string;
  readonly draw: (key: Tensor, dtype: Float) => Tensor;
  readonly cdf: (x: number) => number;
  readonly mean: number;
  readonly variance: number;
}

const gumbelMean = 0.5772156649015329;
const [low, high] = [-0.5, 1.5];
const between = (x: number): number =>
  (normalCdf(x) - normalCdf(low)) / (normalCdf(high) - normalCdf(low));
const phi = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
const mass = normalCdf(high) - normalCdf(low);
const truncatedMean = (phi(low) - phi(high)) / mass;

const continuous: readonly Continuous[] = [
  {
    title: 'uniform',
    draw: (key, dtype) => random.uniform(key, [n], { dtype }),
    cdf: (x) => x,
    mean: 0.5,
    variance: 1 / 12,
  },
  {
    title: 'uniform from -2 to 3',
    draw: (key, dtype) => random.uniform(key, [n], { dtype, low: -2, high: 3 }),
    cdf: (x) => (x + 2) / 5,
    mean: 0.5,
    variance: 25 / 12,
  },
  {
    title: 'normal',
    draw: (key, dtype) => random.normal(key, [n], { dtype }),
    cdf: normalCdf,
    mean: 0,
    variance: 1,
  },
  {
    title: 'truncatedNormal from -0.5 to 1.5',
    draw: (key, dtype) => random.truncatedNormal(key, [n], { dtype, low, high }),
    cdf: between,
    mean: truncatedMean,
    variance: 1 + (low * phi(low) - high * phi(high)) / mass - truncatedMean ** 2,
  },
  {
    title: 'truncatedNormal without bounds',
    draw: (key, dtype) => random.truncatedNormal(key, [n], { dtype }),
    cdf: normalCdf,
    mean: 0,
    variance: 1,
  },
  {
    title: 'exponential',
    draw: (key, dtype) => random.exponential(key, [n], { dtype }),
    cdf: (x) => -Math.expm1(-x),
    mean: 1,
    variance: 1,
  },
  {
    title: 'gumbel',
    draw: (key, dtype) => random.gumbel(key, [n], { dtype }),
    cdf: (x) => Math.exp(-Math.exp(-x)),
    mean: gumbelMean,
    variance: Math.PI ** 2 / 6,
  },
  ...[0.1, 0.7, 1, 2.5, 40].map((alpha) => ({
    title: `gamma of shape ${alpha}`,
    draw: (key: Tensor, dtype: Float) => random.gamma(key, alpha, [n], { dtype }),
    cdf: (x: number) => gammaCdf(alpha, x),
    mean: alpha,
    variance: alpha,
  })),
  ...(
    [
      [0.3, 0.6],
      [2, 1],
      [8, 30],
    ] as const
  ).map(([a, b]) => ({
    title: `beta of ${a} and ${b}`,
    draw: (key: Tensor, dtype: Float) => random.beta(key, a, b, [n], { dtype }),
    cdf: (x: number) => betaCdf(a, b, x),
    mean: a / (a + b),
    variance: (a * b) / ((a + b) ** 2 * (a + b + 1)),
  })),
];

describe.each(dtypes)('in %s', (dtype) => {
  test.each(continuous)('$title has its distribution function and moments', (c) => {
    const sample = c.draw(seeded, dtype);
    expect(sample.dtype).toBe(dtype);
    expect(sample.shape).toEqual([n]);
    expect(distance(sample, c.cdf)).toBeLessThan(1.95);
    expect(offBy(sample, c.mean, c.variance)).toBeLessThan(3.3);
    const squares = sample.astype('float64').sub(c.mean).square();
    const spread = squares.sub(c.variance).square().mean().item();
    expect(offBy(squares, c.variance, spread)).toBeLessThan(3.3);
  });

  test('dirichlet has beta marginals, and sums to 1', () => {
    const alpha = [0.4, 1, 3.5];
    const points = random.dirichlet(seeded, alpha, [n], { dtype });
    expect(points.shape).toEqual([n, 3]);
    expect(points.dtype).toBe(dtype);
    const unit = dtype === 'float32' ? 2 ** -22 : 2 ** -51;
    expect(points.sum({ axis: 1 }).sub(1).abs().max().item()).toBeLessThan(unit);
    alpha.forEach((a, i) => {
      const coordinate = points.at(null, i);
      expect(distance(coordinate, (x) => betaCdf(a, 4.9 - a, x))).toBeLessThan(1.95);
      expect(offBy(coordinate, a / 4.9, (a * (4.9 - a)) / (4.9 ** 2 * 5.9))).toBeLessThan(3.3);
    });
  });
});

describe('discrete distributions', () => {
  test.each([0.02, 0.5, 0.9])('bernoulli is true with probability %d', (p) => {
    const sample = random.bernoulli(seeded, p, [n]);
    expect(sample.dtype).toBe('bool');
    expect(offBy(sample, p, p * (1 - p))).toBeLessThan(3.3);
  });

  test('categorical has the probabilities of its logits, in both precisions', () => {
    const weights = [1, 4, 0, 2, 3];
    for (const dtype of dtypes) {
      const logits = tensor(weights.map(Math.log)).astype(dtype);
      const sample = random.categorical(seeded, logits, [n]);
      const counts = weights.map((_, i) => sample.eq(i).astype('float64').sum().item());
      expect(counts[2]).toBe(0);
      const drawn = counts.filter((_, i) => i !== 2);
      const expected = weights.filter((w) => w > 0).map((w) => (w * n) / 10);
      expect(chiSquared(drawn, expected)).toBeLessThan(16.3);
    }
  });

  test('randint is even over its range, and independent from one number to the next', () => {
    const sample = random.randint(seeded, -3, 4, [n]);
    const counts = Array.from({ length: 7 }, (_, i) =>
      sample
        .eq(i - 3)
        .astype('float64')
        .sum()
        .item(),
    );
    expect(counts.reduce((sum, k) => sum + k, 0)).toBe(n);
    expect(
      chiSquared(
        counts,
        counts.map(() => n / 7),
      ),
    ).toBeLessThan(22.5);
    const pairs = new Array<number>(49).fill(0);
    const data = sample.dataSync();
    for (let i = 0; i + 1 < n; i += 2) {
      const at = 7 * ((data[i] ?? 0) + 3) + (data[i + 1] ?? 0) + 3;
      pairs[at] = (pairs[at] ?? 0) + 1;
    }
    expect(
      chiSquared(
        pairs,
        pairs.map(() => n / 98),
      ),
    ).toBeLessThan(84.1);
  });

  test('permutation gives every order equally often', () => {
    const count = 24_000;
    const orders = vmap((key: Tensor) => random.permutation(key, 4))(random.keys(seeded, count));
    const data = orders.dataSync();
    const counts = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const name = data.slice(4 * i, 4 * i + 4).join('');
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquared([...counts.values()], new Array<number>(24).fill(count / 24))).toBeLessThan(
      49.8,
    );
  });
});
