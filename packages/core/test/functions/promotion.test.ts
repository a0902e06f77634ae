import {
  add,
  div,
  eq,
  exp,
  lt,
  maximum,
  mul,
  pow,
  sub,
  type Tensor,
  tensor,
  where,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

const f64 = tensor([1, 2]);
const f32 = tensor(new Float32Array([1, 2]));
const i32 = tensor([1, 2], { dtype: 'int32' });
const mask = tensor([true, false]);

function summary(x: Tensor): [string, unknown] {
  return [x.dtype, x.toArray()];
}

describe('dtypes of operands', () => {
  test('a number takes the float dtype that it meets', () => {
    expect(summary(add(f32, 0.5))).toEqual(['float32', [1.5, 2.5]]);
    expect(summary(mul(3, f64))).toEqual(['float64', [3, 6]]);
    expect(add(f32, 0.1).at(0).item()).toBe(Math.fround(1 + Math.fround(0.1)));
  });

  test('a whole number leaves integers alone, a fraction makes them float64', () => {
    expect(summary(add(i32, 2))).toEqual(['int32', [3, 4]]);
    expect(summary(mul(i32, 0.5))).toEqual(['float64', [0.5, 1]]);
    expect(summary(div(i32, 2))).toEqual(['float64', [0.5, 1]]);
    expect(summary(exp(tensor([0], { dtype: 'int32' })))).toEqual(['float64', [1]]);
  });

  test('integers and masks take the float dtype that they meet', () => {
    expect(add(i32, f32).dtype).toBe('float32');
    expect(add(i32, f64).dtype).toBe('float64');
    expect(summary(add(mask, mask))).toEqual(['int32', [2, 0]]);
    expect(summary(mul(mask, f64))).toEqual(['float64', [1, 0]]);
  });

  test('float32 and float64 tensors do not mix, and the error names the cast', () => {
    expect(() => add(f32, f64)).toThrow("x.astype('float64') or y.astype('float32')");
    expect(() => add(f64, f32)).toThrow('add: float32 and float64 tensors do not mix');
    expect(summary(add(f32.astype('float64'), f64))).toEqual(['float64', [2, 4]]);
  });

  test('int32 arithmetic wraps', () => {
    const big = tensor([2 ** 31 - 1], { dtype: 'int32' });
    expect(add(big, 1).item()).toBe(-(2 ** 31));
    expect(mul(big, big).item()).toBe(1);
  });
});

describe('broadcasting', () => {
  test('aligns axes at the end', () => {
    const column = tensor([[10], [20], [30]]);
    expect(add(column, f64).toArray()).toEqual([
      [11, 12],
      [21, 22],
      [31, 32],
    ]);
    expect(sub(5, f64).toArray()).toEqual([4, 3]);
  });

  test('refuses extents that differ, and shows both shapes', () => {
    expect(() => add(tensor([1, 2, 3]), f64)).toThrow(
      'add: shapes [3] and [2] do not broadcast: extents 3 and 2 meet on axis -1',
    );
  });
});

describe('comparison and choice', () => {
  test('where takes a mask and broadcasts all three', () => {
    expect(where(mask, f64, 0).toArray()).toEqual([1, 0]);
    expect(where(mask, tensor([[1], [2]]), f32.astype('float64').neg()).toArray()).toEqual([
      [1, -2],
      [2, -2],
    ]);
    expect(() => where(f64, 1, 2)).toThrow('it must be bool');
  });

  test('follow IEEE 754 for NaN', () => {
    const nan = tensor([Number.NaN]);
    expect([eq(nan, nan).toArray(), lt(nan, 1).toArray()]).toEqual([[false], [false]]);
    expect(maximum(nan, 1).toArray()).toEqual([Number.NaN]);
  });
});

describe('pow', () => {
  test('with a whole exponent works on negative bases and integers', () => {
    expect(pow(tensor([-2, 3]), 3).toArray()).toEqual([-8, 27]);
    expect(summary(pow(i32, 2))).toEqual(['int32', [1, 4]]);
    expect(pow(f64, -2).toArray()).toEqual([1, 0.25]);
    expect(pow(f64, 0).toArray()).toEqual([1, 1]);
  });
});
