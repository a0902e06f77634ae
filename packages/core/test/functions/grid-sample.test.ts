import {
  type GridSampleOptions,
  grad,
  gridSample,
  jit,
  random,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

/** Position in elements, as PyTorch documents it. */
function position(u: number, extent: number, { padding, alignCorners }: GridSampleOptions): number {
  let at = alignCorners ? ((u + 1) / 2) * (extent - 1) : ((u + 1) * extent - 1) / 2;
  if (padding === 'reflect') {
    const [low, high] = alignCorners ? [0, extent - 1] : [-0.5, extent - 0.5];
    while (at < low || at > high) at = at < low ? 2 * low - at : 2 * high - at;
  }
  return padding === undefined || padding === 'zeros' ? at : Math.min(Math.max(at, 0), extent - 1);
}

function read(image: readonly (readonly number[])[], i: number, j: number): number {
  return image[i]?.[j] ?? 0;
}

function sample(
  image: readonly (readonly number[])[],
  [u, v]: readonly [number, number],
  options: GridSampleOptions,
): number {
  const x = position(u, image[0]?.length ?? 0, options);
  const y = position(v, image.length, options);
  if (options.mode === 'nearest') return read(image, Math.round(y), Math.round(x));
  const [i, j] = [Math.floor(y), Math.floor(x)];
  const [p, q] = [y - i, x - j];
  return (
    (1 - p) * ((1 - q) * read(image, i, j) + q * read(image, i, j + 1)) +
    p * ((1 - q) * read(image, i + 1, j) + q * read(image, i + 1, j + 1))
  );
}

const image = [
  [3, 1, 4, 1],
  [5, 9, 2, 6],
  [5, 3, 5, 8],
];
const points: readonly (readonly [number, number])[] = [
  [0, 0],
  [-0.9, 0.7],
  [0.31, -0.43],
  [-1.3, 0.2],
  [0.4, 1.7],
  [2.6, -3.1],
  [-5.3, -1.05],
  [1.1, 0.99],
];
const modes = (['bilinear', 'nearest'] as const).flatMap((mode) =>
  (['zeros', 'border', 'reflect'] as const).flatMap((padding) =>
    [false, true].map((alignCorners): GridSampleOptions => ({ mode, padding, alignCorners })),
  ),
);

describe('gridSample', () => {
  test.each(modes)('reads where PyTorch reads: %j', (options) => {
    const x = tensor([[image, image.map((row) => row.map((value) => -2 * value))]]);
    const grid = tensor([[points.map((point) => [...point])]]);
    const expected = points.map((point) => sample(image, point, options));
    for (const f of [gridSample, jit((a: Tensor, b: Tensor) => gridSample(a, b, options))]) {
      const result = f === gridSample ? gridSample(x, grid, options) : f(x, grid);
      expect(result.shape).toEqual([1, 2, 1, points.length]);
      expected.forEach((value, i) => {
        expect(result.at(0, 0, 0, i).item()).toBeCloseTo(value, 12);
        expect(result.at(0, 1, 0, i).item()).toBeCloseTo(-2 * value, 12);
      });
    }
  });

  test.each(modes.filter(({ mode }) => mode === 'bilinear'))(
    'has derivatives in x and in the grid: %j',
    (options) => {
      const x = random.normal(random.key(1), [2, 2, 4, 5]);
      const grid = random.uniform(random.key(2), [2, 3, 2, 2], { low: -1.4, high: 1.4 });
      checkGrads((a: Tensor, b: Tensor) => gridSample(a, b, options).square(), [x, grid], {
        order: 2,
        eps: 1e-5,
        rtol: 1e-5,
      });
    },
  );

  test('reads volumes, with (x, y, z) counted from the last axis', () => {
    const x = tensor([0, 1, 2, 3]).reshape([1, 1, 1, 1, 4]).mul(1);
    const volume = x
      .add(tensor([0, 10, 20]).reshape([3, 1]))
      .add(tensor([0, 100]).reshape([2, 1, 1]));
    const at = (...p: number[]): number =>
      gridSample(volume, tensor([[[[p]]]]), { alignCorners: true }).item();
    expect(at(-1, -1, -1)).toBe(0);
    expect(at(1, -1, -1)).toBe(3);
    expect(at(-1, 1, -1)).toBe(20);
    expect(at(-1, -1, 1)).toBe(100);
    expect(at(0.5, 0.5, 0.5)).toBeCloseTo(2.25 + 15 + 75, 12);
    checkGrads(
      (a: Tensor, b: Tensor) => gridSample(a, b, { padding: 'border' }),
      [volume, random.uniform(random.key(5), [1, 2, 1, 2, 3], { low: -0.9, high: 0.9 })],
      { eps: 1e-5, rtol: 1e-5 },
    );
  });

  test('of the grid of its own elements is x, and has its slopes', () => {
    const x = tensor([[image]]);
    const grid = tensor([image.map((row, i) => row.map((_, j) => [(2 * j) / 3 - 1, i - 1]))]);
    const whole = gridSample(x, grid, { alignCorners: true });
    expect(whole.sub(x).abs().max().item()).toBeLessThan(1e-14);
    const slope = grad((u: Tensor) =>
      gridSample(x, tensor([[[[0, 0]]]]).add(u.reshape([1, 1, 1, 2])), {
        alignCorners: true,
      }).sum(),
    )(tensor([1 / 6, 0.5]));
    expect(slope.at(0).item()).toBeCloseTo(1.5 * 0.5 * (2 - 9 + 5 - 3), 12);
  });

  test('is mapped over, in float32 too, and of coordinates that are far away or NaN', () => {
    const x = random.normal(random.key(1), [3, 1, 2, 4, 5], { dtype: 'float32' });
    const grid = random.normal(random.key(2), [3, 1, 3, 3, 2], { dtype: 'float32' });
    const f = (a: Tensor, b: Tensor): Tensor => gridSample(a, b, { padding: 'border' });
    expect(vmap(f)(x, grid).toArray()).toEqual(
      [0, 1, 2].map((i) => f(x.at(i), grid.at(i)).toArray()),
    );
    const far = tensor([
      [
        [
          [1e300, -1e300],
          [Number.NaN, 0],
        ],
      ],
    ]);
    expect(gridSample(tensor([[image]]), far).toArray()).toEqual([[[[0, 0]]]]);
  });

  test('says what does not fit', () => {
    const x = tensor([[image]]);
    expect(() => gridSample(x, tensor([[[[0, 0, 0]]]]))).toThrow(
      'gridSample: x of shape [n, c, h, w]',
    );
    expect(() => gridSample(tensor([image]), tensor([[[0, 0]]]))).toThrow('is needed; got');
  });
});
