import {
  argmax,
  argmin,
  cummax,
  cummin,
  cumprod,
  cumsum,
  grad,
  jit,
  jvp,
  mul,
  sum,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

const matrix = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const weights = tensor([1, 10, 100]);

describe('cumsum', () => {
  test('adds up along an axis, from either end', () => {
    expect(cumsum([1, 2, 3]).toArray()).toEqual([1, 3, 6]);
    expect(cumsum([1, 2, 3], { reverse: true }).toArray()).toEqual([6, 5, 3]);
    expect(cumsum(matrix, { axis: -1 }).toArray()).toEqual([
      [1, 3, 6],
      [4, 9, 15],
    ]);
    expect(cumsum(matrix).toArray()).toEqual([
      [1, 2, 3],
      [5, 7, 9],
    ]);
    expect(cumsum([]).toArray()).toEqual([]);
    expect(cumsum(tensor([true, true, false])).toArray()).toEqual([1, 2, 2]);
    expect(
      cumsum(tensor([2 ** 31 - 1, 1], { dtype: 'int32' }))
        .at(1)
        .item(),
    ).toBe(-(2 ** 31));
  });

  test('loses nothing to rounding', () => {
    expect(cumsum([1e16, 1, -1e16]).at(2).item()).toBe(1);
    const tenths = tensor(new Float32Array(1_000_000).fill(0.1));
    expect(cumsum(tenths).at(-1).item()).toBe(Math.fround(1e6 * Math.fround(0.1)));
    expect(cumsum([1, Number.POSITIVE_INFINITY, 1]).toArray()).toEqual([1, Infinity, Infinity]);
  });

  test('has the reversed running sum as its pull-back', () => {
    const f = (x: Tensor): Tensor => sum(mul(cumsum(x), weights));
    expect(grad(f)(tensor([5, 6, 7])).toArray()).toEqual([111, 110, 100]);
    checkGrads((x: Tensor) => cumsum(x, { axis: 1, reverse: true }), [matrix]);
  });

  test('works under jit, vmap and grad together', () => {
    const f = jit(vmap(grad((x: Tensor) => sum(mul(cumsum(mul(x, x)), weights)))));
    expect(f(matrix).toArray()).toEqual([
      [222, 440, 600],
      [888, 1100, 1200],
    ]);
    expect(vmap((x: Tensor) => cumsum(x), { inAxes: 1, outAxes: 1 })(matrix).toArray()).toEqual(
      cumsum(matrix).toArray(),
    );
  });

  test('names an axis that does not exist', () => {
    expect(() => cumsum(matrix, { axis: 2 })).toThrow('cumsum: axis 2 is out of range');
    expect(() => cumsum(3)).toThrow('cumsum: axis 0 is out of range for shape [] (a scalar)');
  });
});

describe('cumprod', () => {
  test('multiplies along an axis, from either end', () => {
    expect(cumprod([2, 3, 4]).toArray()).toEqual([2, 6, 24]);
    expect(cumprod([2, 3, 4], { reverse: true }).toArray()).toEqual([24, 12, 4]);
    expect(cumprod([-1, 0, 5]).toArray()).toEqual([-1, -0, -0]);
    expect(cumprod([Number.POSITIVE_INFINITY, 2]).toArray()).toEqual([Infinity, Infinity]);
    expect(cumprod(tensor([65537, 65537], { dtype: 'int32' })).toArray()).toEqual([65537, 131073]);
    expect(cumprod([]).toArray()).toEqual([]);
    expect(cumprod(matrix, { axis: 1 }).toArray()).toEqual([
      [1, 2, 6],
      [4, 20, 120],
    ]);
  });

  test('has the products of the other factors as derivatives, also where factors are 0', () => {
    const f = (x: Tensor): Tensor => sum(mul(cumprod(x), weights));
    // x0 + 10 x0 x1 + 100 x0 x1 x2
    expect(grad(f)(tensor([0, 2, 0])).toArray()).toEqual([21, 0, 0]);
    expect(grad(f)(tensor([3, 0, 5])).toArray()).toEqual([1, 1530, 0]);
    expect(grad(f)(tensor([0, 0, 0])).toArray()).toEqual([1, 0, 0]);
    expect(jvp(cumprod, [tensor([2, 0, 5])], [tensor([0, 1, 0])])[1].toArray()).toEqual([0, 2, 10]);
  });

  test('has right derivatives to third order, from either end', () => {
    const x = tensor([1.5, 0, -2, 0, 0.5]);
    checkGrads((t: Tensor) => cumprod(t), [x], { order: 3 });
    checkGrads((t: Tensor) => cumprod(t, { axis: 1, reverse: true }), [matrix]);
  });

  test('works under jit, vmap and grad together', () => {
    const f = jit(vmap(grad((x: Tensor) => sum(mul(cumprod(x), weights)))));
    expect(f(matrix).toArray()).toEqual([
      [621, 310, 200],
      [3051, 2440, 2000],
    ]);
  });
});

describe('cummax and cummin', () => {
  test('keep the extremum so far, and NaN from the first one on', () => {
    expect(cummax([1, 3, 2, 4]).toArray()).toEqual([1, 3, 3, 4]);
    expect(cummax([1, 3, 2, 4], { reverse: true }).toArray()).toEqual([4, 4, 4, 4]);
    expect(cummin([3, 1, 2, 0]).toArray()).toEqual([3, 1, 1, 0]);
    expect(cummin([1, Number.NaN, 0]).toArray()).toEqual([1, Number.NaN, Number.NaN]);
    expect(cummax(matrix, { axis: 1, reverse: true }).toArray()).toEqual([
      [3, 3, 3],
      [6, 6, 6],
    ]);
    expect(cummax([]).toArray()).toEqual([]);
  });

  test('give the derivative to the first of equal elements', () => {
    const f = (x: Tensor): Tensor => sum(mul(cummax(x), weights));
    expect(grad(f)(tensor([2, 2, 1])).toArray()).toEqual([111, 0, 0]);
    expect(grad(f)(tensor([1, 2, 2])).toArray()).toEqual([1, 110, 0]);
    expect(jit(vmap(grad(f)))(tensor([[1, 3, 2]])).toArray()).toEqual([[1, 110, 0]]);
    checkGrads((x: Tensor) => cummin(x, { axis: 1 }), [tensor([[0.5, -1, 2, -3, 4]])]);
  });
});

describe('argmax and argmin', () => {
  test('find the first extremum of an axis, or of all elements', () => {
    const x = tensor([
      [3, 9, 9],
      [-1, -1, 4],
    ]);
    expect(argmax(x, { axis: 1 }).toArray()).toEqual([1, 2]);
    expect(argmin(x, { axis: 0 }).toArray()).toEqual([1, 1, 1]);
    expect(argmin(x, { axis: -1, keepdims: true }).toArray()).toEqual([[0], [0]]);
    expect(argmax(x).item()).toBe(1);
    expect(argmin(x).item()).toBe(3);
    expect(argmin(x, { keepdims: true }).shape).toEqual([1, 1]);
    expect(argmax(x).dtype).toBe('int32');
    expect(argmax(tensor([false, true, true])).item()).toBe(1);
    expect(argmax([-0, 0]).item()).toBe(0);
  });

  test('count NaN as the extremum', () => {
    const x = [1, Number.NaN, 5, Number.NaN];
    expect(argmax(x).item()).toBe(1);
    expect(argmin(x).item()).toBe(1);
    expect(argmax([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]).item()).toBe(0);
  });

  test('find an extremum far out, in every lane', () => {
    const x = Array.from({ length: 1000 }, (_, i) => Math.sin(i));
    for (const at of [0, 1, 2, 3, 500, 997, 998, 999]) {
      expect(argmax(x.with(at, 2)).item()).toBe(at);
      expect(argmin(tensor(Float32Array.from(x.with(at, -2)))).item()).toBe(at);
    }
  });

  test('work under jit, vmap and grad, where they do not move', () => {
    const f = (x: Tensor): Tensor => sum(mul(x, argmax(x)));
    expect(grad(f)(tensor([1, 7, 2])).toArray()).toEqual([1, 1, 1]);
    expect(jit(vmap((x: Tensor) => argmax(x)))(matrix).toArray()).toEqual([2, 2]);
  });

  test('refuse to choose from nothing', () => {
    expect(() => argmax([])).toThrow(
      'argmax: there are no elements on axis 0 of float64 of shape [0]',
    );
    expect(() => argmin(matrix, { axis: 5 })).toThrow('argmin: axis 5 is out of range');
  });
});
