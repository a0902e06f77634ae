import { grad, jit, nonzero, searchsorted, sum, type Tensor, take, tensor, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';

describe('searchsorted', () => {
  test('finds the place of each value, before or behind equal elements', () => {
    const sorted = [1, 2, 2, 4];
    const values = [0, 1, 2, 3, 4, 5];
    expect(searchsorted(sorted, values).toArray()).toEqual([0, 0, 1, 3, 3, 4]);
    expect(searchsorted(sorted, values, { side: 'right' }).toArray()).toEqual([0, 1, 3, 3, 4, 4]);
    expect(searchsorted(sorted, [[2, 4]]).toArray()).toEqual([[1, 3]]);
    expect(searchsorted(sorted, 3).item()).toBe(3);
    expect(searchsorted(sorted, 3).dtype).toBe('int32');
    expect(searchsorted([], [1, 2]).toArray()).toEqual([0, 0]);
  });

  test.each([1, 2, 3, 7, 8, 9, 1000])('agrees with counting in %i elements', (n) => {
    const sorted = Array.from({ length: n }, (_, i) => Math.floor(i / 3));
    const values = Array.from({ length: 2 * n + 4 }, (_, i) => i / 6 - 0.5);
    const below = values.map((v) => sorted.filter((s) => s < v).length);
    const upTo = values.map((v) => sorted.filter((s) => s <= v).length);
    expect(searchsorted(sorted, values).toArray()).toEqual(below);
    expect(searchsorted(sorted, values, { side: 'right' }).toArray()).toEqual(upTo);
  });

  test('puts NaN behind everything, and takes 0 and -0 for equal', () => {
    const sorted = [-0, 0, Infinity, Number.NaN];
    expect(searchsorted(sorted, [Number.NaN, 0, -0, Infinity]).toArray()).toEqual([3, 0, 0, 2]);
    const right = searchsorted(sorted, [Number.NaN, 0, -0, Infinity], { side: 'right' });
    expect(right.toArray()).toEqual([4, 2, 2, 3]);
  });

  test('works under jit, vmap and grad, where it does not move', () => {
    const lines = tensor([
      [1, 3, 5],
      [2, 4, 6],
    ]);
    const f = jit(vmap((line: Tensor, v: Tensor) => searchsorted(line, v)));
    expect(f(lines, tensor([3, 5])).toArray()).toEqual([1, 2]);
    const interpolate = (x: Tensor): Tensor => {
      const knots = tensor([0, 1, 3]);
      const right = searchsorted(knots, x, { side: 'right' });
      const [a, b] = [take(knots, right.sub(1)), take(knots, right)];
      return sum(x.sub(a).div(b.sub(a)));
    };
    expect(grad(interpolate)(tensor([0.5, 2])).toArray()).toEqual([1, 0.5]);
  });

  test('refuses what is not a vector, and mixed dtypes', () => {
    expect(() => searchsorted([[1, 2]], 1)).toThrow(
      'searchsorted: the sorted elements have shape [1, 2]; they must be a vector',
    );
    expect(() => searchsorted(tensor(new Float32Array(2)), tensor([1]))).toThrow('do not mix');
    expect(() => searchsorted(tensor([true]), tensor(true))).toThrow('searchsorted: needs numbers');
  });
});

describe('nonzero', () => {
  const arrays = (found: readonly Tensor[]): unknown[] => found.map((t) => t.toArray());

  test('gives the positions along each axis', () => {
    expect(arrays(nonzero([0, 5, 0, -1, Number.NaN]))).toEqual([[1, 3, 4]]);
    expect(
      arrays(
        nonzero([
          [0, 1, 0],
          [2, 0, 3],
        ]),
      ),
    ).toEqual([
      [0, 1, 1],
      [1, 0, 2],
    ]);
    expect(arrays(nonzero(tensor([false, true])))).toEqual([[1]]);
    expect(arrays(nonzero([0, -0]))).toEqual([[]]);
    expect(nonzero([1])[0]?.dtype).toBe('int32');
  });

  test('leaves out or fills in positions to a given size', () => {
    expect(arrays(nonzero([0, 7, 8, 9], { size: 2 }))).toEqual([[1, 2]]);
    expect(arrays(nonzero([0, 7, 0, 9], { size: 4 }))).toEqual([[1, 3, 0, 0]]);
    expect(arrays(nonzero([[0, 7]], { size: 3, fill: -1 }))).toEqual([
      [0, -1, -1],
      [1, -1, -1],
    ]);
    expect(arrays(nonzero([], { size: 2, fill: 5 }))).toEqual([[5, 5]]);
    expect(arrays(nonzero([1, 1], { size: 0 }))).toEqual([[]]);
  });

  test('works under jit and vmap with a size, and under grad without', () => {
    const f = jit(vmap((x: Tensor) => nonzero(x, { size: 2, fill: 9 })));
    const rows = tensor([
      [0, 1, 1],
      [0, 0, 4],
    ]);
    expect(arrays(f(rows))).toEqual([
      [
        [1, 2],
        [2, 9],
      ],
    ]);
    const g = (x: Tensor): Tensor => {
      const [index] = nonzero(x);
      return index ? sum(take(x, index).square()) : sum(x);
    };
    expect(grad(g)(tensor([0, 3, 0, 5])).toArray()).toEqual([0, 6, 0, 10]);
  });

  test('asks for a size where values are unknown, and refuses wrong ones', () => {
    expect(() => jit((x: Tensor) => nonzero(x))(tensor([1, 0]))).toThrow(
      'say how many positions to give: nonzero(x, { size })',
    );
    expect(() => nonzero(3)).toThrow('nonzero: a scalar has no positions');
    expect(() => nonzero([1], { size: 1.5 })).toThrow('nonzero: the size is a whole number');
    expect(() => nonzero([1], { size: 2, fill: 0.5 })).toThrow('nonzero: the fill is a position');
  });
});
