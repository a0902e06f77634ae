import { avgPool, grad, jit, maxPool, random, sum, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

const line = tensor([[[3, 1, 4, 1, 5, 9, 2]]]);
const image = random.permutation(random.key(1), 60).astype('float64').reshape([1, 2, 5, 6]);

/** A reduction over each window of a matrix, by plain loops. */
function plain(
  x: readonly (readonly number[])[],
  size: readonly [number, number],
  strides: readonly [number, number],
  padding: readonly [number, number],
  reduce: (inside: number[]) => number,
): number[][] {
  const height = x.length + 2 * padding[0];
  const width = (x[0]?.length ?? 0) + 2 * padding[1];
  const result: number[][] = [];
  for (let i = 0; i + size[0] <= height; i += strides[0]) {
    const row: number[] = [];
    for (let j = 0; j + size[1] <= width; j += strides[1]) {
      const inside: number[] = [];
      for (let a = i; a < i + size[0]; a++) {
        for (let b = j; b < j + size[1]; b++) {
          const value = x[a - padding[0]]?.[b - padding[1]];
          if (value !== undefined) inside.push(value);
        }
      }
      row.push(reduce(inside));
    }
    result.push(row);
  }
  return result;
}

function rowsOf(x: Tensor, channel: number): number[][] {
  return Array.from({ length: x.shape[2] ?? 0 }, (_, i) =>
    Array.from(x.at(0, channel, i).dataSync()),
  );
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('maxPool', () => {
  test('takes the largest element of each window', () => {
    expect(maxPool(line, { size: 2 }).toArray()).toEqual([[[3, 4, 9]]]);
    expect(maxPool(line, { size: 3, strides: 1 }).toArray()).toEqual([[[4, 4, 5, 9, 9]]]);
    expect(maxPool(line, { size: 2, dilation: 3, strides: 1 }).toArray()).toEqual([[[3, 5, 9, 2]]]);
    const options = { size: [2, 3], strides: [1, 2], padding: [1, 0] } as const;
    const f = (x: Tensor): Tensor => maxPool(x, options);
    for (const channel of [0, 1]) {
      const expected = plain(rowsOf(image, channel), [2, 3], [1, 2], [1, 0], (w) => Math.max(...w));
      expect(rowsOf(f(image), channel)).toEqual(expected);
      expect(rowsOf(jit(f)(image), channel)).toEqual(expected);
    }
  });

  test('is not won by what is added around x', () => {
    const low = line.neg().sub(1);
    expect(maxPool(low, { size: 3, strides: 3, padding: 1 }).toArray()).toEqual([[[-2, -2, -3]]]);
    const whole = tensor([[[-5, -7]]], { dtype: 'int32' });
    expect(maxPool(whole, { size: 2, strides: 1, padding: 1 }).toArray()).toEqual([[[-5, -5, -7]]]);
    expect(maxPool(line, { size: 2, padding: 'same' }).toArray()).toEqual([[[3, 4, 9, 2]]]);
  });

  test('shares the derivative among elements that tie', () => {
    const x = tensor([[[2, 2, 1, 2, 2, 2]]]);
    const total = (t: Tensor): Tensor => maxPool(t, { size: 3 }).sum();
    const third = 1 / 3;
    expect(grad(total)(x).toArray()).toEqual([[[0.5, 0.5, 0, third, third, third]]]);
  });

  test('has derivatives of windows that overlap, also of a batch', () => {
    const f = (x: Tensor): Tensor => maxPool(x, { size: 3, strides: 2, padding: 1 }).square();
    checkGrads(f, [image.mul(0.1)], { order: 2 });
    const batch = random.normal(random.key(4), [3, 1, 2, 5, 6]);
    const loop = [0, 1, 2].map((i) => f(batch.at(i)).toArray());
    expect(vmap(f)(batch).toArray()).toEqual(loop);
  });
});

describe('avgPool', () => {
  test('takes the mean of each window, with or without the zeros around', () => {
    expect(avgPool(line, { size: 2 }).toArray()).toEqual([[[2, 2.5, 7]]]);
    const edges = { size: 3, strides: 3, padding: 1 } as const;
    expect(avgPool(line, edges).mul(3).toArray()).toEqual([[[4, 10, 11]]]);
    expect(avgPool(line, { ...edges, countIncludePad: false }).toArray()).toEqual([
      [[2, 10 / 3, 5.5]],
    ]);
    const options = { size: [2, 3], strides: [1, 2], padding: [1, 1] } as const;
    const f = (x: Tensor): Tensor => avgPool(x, { ...options, countIncludePad: false });
    for (const channel of [0, 1]) {
      const expected = plain(rowsOf(image, channel), [2, 3], [1, 2], [1, 1], mean);
      rowsOf(jit(f)(image), channel).forEach((row, i) => {
        row.forEach((value, j) => {
          expect(value).toBeCloseTo(expected[i]?.[j] ?? Number.NaN, 13);
        });
      });
    }
  });

  test('has derivatives, in float32 as well', () => {
    const f = (x: Tensor): Tensor => avgPool(x.square(), { size: 2, strides: 1, padding: 1 });
    checkGrads(f, [image.mul(0.1)], { order: 3 });
    expect(f(image.astype('float32')).dtype).toBe('float32');
    checkGrads(f, [image.astype('float32').mul(0.01)], { order: 2 });
  });
});

test('pooling says what does not fit', () => {
  expect(() => maxPool(tensor([[1, 2]]), { size: 1 })).toThrow(
    'maxPool: x is float64 of shape [1, 2]; numbers',
  );
  expect(() => avgPool(line, { size: 0 })).toThrow('avgPool: size is 0');
  expect(() => avgPool(line, { size: [1, 1] })).toThrow('one for each of the 1 spatial axes');
  expect(() => maxPool(line, { size: 8 })).toThrow('a window reaches over 8 entries');
  expect(() => maxPool(line, { size: 2, padding: -1 })).toThrow('it must not be negative');
});

test('windows of one element, of a large image, give and receive it as it is', () => {
  const large = random.normal(random.key(4), [1, 1, 300, 400]);
  const options = { size: 1, strides: 1 } as const;
  const slope = jit((x: Tensor) => grad((t: Tensor) => sum(maxPool(t, options).square()))(x))(
    large,
  );
  expect(slope.sub(large.mul(2)).abs().max().item()).toBe(0);
});
