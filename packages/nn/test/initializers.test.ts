import { eye, random, type Tensor } from '@grad/core';
import { gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import { conv2d, convTranspose2d, dense, initializers } from '@grad/nn';
import { describe, expect, test } from 'vitest';

expect.extend(gradMatchers);

const key = random.key(11);
const float64 = { dtype: 'float64' } as const;
const shape = [200, 300];

const spread = (x: Tensor): number => Math.sqrt(x.square().mean().item());
const most = (x: Tensor): number => x.abs().max().item();

describe('fans', () => {
  test('of a matrix are its extents', () => {
    expect(initializers.fans([3, 5])).toEqual({ fanIn: 3, fanOut: 5 });
  });

  test('of a convolution count its taps', () => {
    const axes = { inAxis: 1, outAxis: 0 };
    expect(initializers.fans([16, 6, 5, 5], axes)).toEqual({ fanIn: 150, fanOut: 400 });
  });

  test('need two axes', () => {
    expect(() => initializers.fans([3])).toThrow(/the shape is \[3\]/);
    expect(() => dense(2, 2, { biasInit: initializers.heNormal() }).init(key)).toThrow(/fans/);
  });

  test('are those of the layer', () => {
    // The spread of 60000 draws has a relative deviation of 0.3%.
    const weightInit = initializers.heNormal();
    const spreads: readonly (readonly [Tensor, number])[] = [
      [dense(300, 200, { weightInit }).init(key).weight, 300],
      [conv2d(64, 40, 5, { weightInit }).init(key).weight, 64 * 25],
      [conv2d(64, 80, 5, { weightInit, groups: 2 }).init(key).weight, 32 * 25],
      [convTranspose2d(64, 40, 5, { weightInit }).init(key).weight, 64 * 25],
    ];
    for (const [weight, fanIn] of spreads) {
      expect(Math.abs(spread(weight) / Math.sqrt(2 / fanIn) - 1)).toBeLessThan(0.012);
    }
  });
});

describe('initializers', () => {
  const stds: Record<string, readonly [initializers.Initializer, number]> = {
    glorotNormal: [initializers.glorotNormal(), Math.sqrt(2 / 500)],
    heNormal: [initializers.heNormal(), Math.sqrt(2 / 200)],
    'heNormal of fanOut': [initializers.heNormal({ mode: 'fanOut' }), Math.sqrt(2 / 300)],
    'heNormal of a slope': [
      initializers.heNormal({ negativeSlope: 0.5 }),
      Math.sqrt(2 / (1.25 * 200)),
    ],
    lecunNormal: [initializers.lecunNormal(), Math.sqrt(1 / 200)],
    normal: [initializers.normal(3), 3],
  };
  test.each(Object.keys(stds))('%s has its standard deviation', (name) => {
    const [init, std] = stds[name] ?? [initializers.zeros, 1];
    const drawn = init(key, shape, float64);
    // 4 standard deviations of the spread of 60000 draws, and draws far out.
    expect(Math.abs(spread(drawn) / std - 1)).toBeLessThan(4 / Math.sqrt(120_000));
    expect(most(drawn)).toBeGreaterThan(3.5 * std);
    expect(Math.abs(drawn.mean().item())).toBeLessThan((4 * std) / Math.sqrt(60_000));
  });

  const bounds: Record<string, readonly [initializers.Initializer, number]> = {
    glorotUniform: [initializers.glorotUniform(), Math.sqrt(6 / 500)],
    heUniform: [initializers.heUniform(), Math.sqrt(6 / 200)],
    lecunUniform: [initializers.lecunUniform(), Math.sqrt(3 / 200)],
    uniform: [initializers.uniform(-2, 2), 2],
  };
  test.each(Object.keys(bounds))('%s fills its interval', (name) => {
    const [init, bound] = bounds[name] ?? [initializers.zeros, 1];
    const drawn = init(key, shape, float64);
    expect(most(drawn)).toBeLessThanOrEqual(bound);
    expect(most(drawn)).toBeGreaterThan(0.999 * bound);
    // The variance of the square of a uniform variable is 4/45 bound^4.
    expect(Math.abs((spread(drawn) / bound) ** 2 - 1 / 3)).toBeLessThan(
      4 * Math.sqrt(4 / 45 / 60_000),
    );
  });

  test('truncatedNormal stays within its bound and spreads as published', () => {
    const drawn = initializers.truncatedNormal(0.5)(key, shape, float64);
    expect(most(drawn)).toBeLessThanOrEqual(1);
    expect(most(drawn)).toBeGreaterThan(0.99);
    // The variance of a standard normal variable within 2 is 1 - 4 phi(2) / (2 Phi(2) - 1).
    expect(spread(drawn) / 0.5).toBeCloseTo(Math.sqrt(0.7737413), 2);
  });

  test('orthogonal makes rows or columns orthonormal', () => {
    const tall = initializers.orthogonal()(key, [5, 3], float64);
    expect(tall.transpose().matmul(tall)).toBeAllclose(eye(3), { atol: 1e-14 });
    const wide = initializers.orthogonal(2)(key, [3, 5], float64);
    expect(wide.matmul(wide.transpose())).toBeAllclose(eye(3).mul(4), { atol: 1e-14 });
    const kernel = initializers.orthogonal()(key, [4, 3, 2, 2], {
      ...float64,
      inAxis: 1,
      outAxis: 0,
    });
    const rows = kernel.reshape([4, 12]);
    expect(rows.matmul(rows.transpose())).toBeAllclose(eye(4), { atol: 1e-14 });
  });

  test('orthogonal has signs of both kinds on its diagonal', () => {
    const corners = random
      .split(key, 16)
      .map((one) => Math.sign(initializers.orthogonal()(one, [2, 2], float64).at(0, 0).item()));
    expect(new Set(corners)).toEqual(new Set([-1, 1]));
  });

  test('are float32 unless asked otherwise, and constants need no key', () => {
    const made = [initializers.zeros, initializers.ones, initializers.constant(2)].map((init) =>
      init(key, [1]),
    );
    expect(made.map((x) => x.item())).toEqual([0, 1, 2]);
    expect(made.map((x) => x.dtype)).toEqual(['float32', 'float32', 'float32']);
    for (const init of [initializers.orthogonal(), initializers.truncatedNormal()]) {
      expect(init(key, [2, 2]).dtype).toBe('float32');
    }
    // @ts-expect-error there is no such mode
    expect(() => initializers.heNormal({ mode: 'fan_in' })).toThrow(/mode is fan_in/);
  });
});
