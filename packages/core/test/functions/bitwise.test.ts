import {
  bitcast,
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  grad,
  jit,
  leftShift,
  rightShift,
  rightShiftLogical,
  sum,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

const int = (data: number | number[]): Tensor => tensor(data, { dtype: 'int32' });

describe('bitwise functions', () => {
  test('act on the bits of int32, broadcast', () => {
    const x = int([0b1100, -1]);
    expect(bitwiseAnd(x, 0b1010).toArray()).toEqual([0b1000, 0b1010]);
    expect(bitwiseOr(x, 0b1010).toArray()).toEqual([0b1110, -1]);
    expect(bitwiseXor(x, 0b1010).toArray()).toEqual([0b0110, -11]);
    expect(bitwiseNot(x).toArray()).toEqual([-13, 0]);
    expect(bitwiseAnd([[12], [10]], [4, 8]).toArray()).toEqual([
      [4, 8],
      [0, 8],
    ]);
    expect(bitwiseAnd(x, 0xffff0000).toArray()).toEqual([0, -65536]);
    expect(bitwiseAnd(6, 3).item()).toBe(2);
    expect(bitwiseAnd(x, 1).dtype).toBe('int32');
  });

  test('combine masks to masks, and masks with integers to integers', () => {
    const mask = tensor([true, false]);
    expect(bitwiseXor(mask, tensor([true, true])).toArray()).toEqual([false, true]);
    expect(bitwiseAnd(mask, int(3)).toArray()).toEqual([1, 0]);
    expect(bitwiseNot(mask).toArray()).toEqual([-2, -1]);
  });

  test('refuse floats and fractions', () => {
    expect(() => bitwiseAnd(tensor([1]), 1)).toThrow(
      'bitwiseAnd: works on the bits of int32; got float64 of shape [1]',
    );
    expect(() => leftShift(int(1), 0.5)).toThrow('0.5, which is not a whole number');
    expect(() => bitwiseOr(int([1, 2]), int([1, 2, 3]))).toThrow('bitwiseOr: shapes');
  });
});

describe('shifts', () => {
  test('move bits by one count for all or one for each', () => {
    const x = int([1, -8, 5, 7, -1]);
    expect(leftShift(x, 3).toArray()).toEqual([8, -64, 40, 56, -8]);
    expect(rightShift(x, 1).toArray()).toEqual([0, -4, 2, 3, -1]);
    expect(rightShiftLogical(x, 28).toArray()).toEqual([0, 15, 0, 0, 15]);
    expect(leftShift(x, [0, 1, 31, 30, 4]).toArray()).toEqual([
      1,
      -16,
      -(2 ** 31),
      -(2 ** 30),
      -16,
    ]);
    expect(rightShift(x, [0, 1, 2, 1, 31]).toArray()).toEqual([1, -4, 1, 3, -1]);
    expect(rightShiftLogical(x, [0, 30, 1, 0, 1]).toArray()).toEqual([1, 3, 2, 7, 2 ** 31 - 1]);
    expect(leftShift(tensor([true, false]), 2).toArray()).toEqual([4, 0]);
  });

  test('by a count outside [0, 32) leave nothing but the sign', () => {
    for (const count of [32, 33, -1, 2 ** 31 - 1]) {
      expect(leftShift(int([5, -5]), count).toArray()).toEqual([0, 0]);
      expect(rightShift(int([5, -5]), count).toArray()).toEqual([0, -1]);
      expect(rightShiftLogical(int([5, -5]), count).toArray()).toEqual([0, 0]);
    }
  });

  test('work under jit, vmap and grad, where they do not move', () => {
    const parity = jit(vmap((x: Tensor) => bitwiseXor(x, rightShift(x, 1))));
    expect(parity(int([5, 6, 7])).toArray()).toEqual([7, 5, 4]);
    const f = (x: Tensor): Tensor => sum(x.mul(leftShift(x.astype('int32'), 1)));
    expect(grad(f)(tensor([3.5, -2])).toArray()).toEqual([6, -4]);
  });
});

describe('bitcast', () => {
  test('gives the bits of floats, and floats of bits', () => {
    const singles = tensor([1, -2, 0, -0, Number.POSITIVE_INFINITY], { dtype: 'float32' });
    const bits = bitcast(singles, 'int32');
    expect(bits.toArray()).toEqual([0x3f800000, -0x40000000, 0, -(2 ** 31), 0x7f800000]);
    expect(bitcast(bits, 'float32').toArray()).toEqual(singles.toArray());
    const words = bitcast(tensor([[Math.PI], [-1]]), 'int32');
    expect(words.shape).toEqual([2, 1, 2]);
    expect(words.toArray()).toEqual([[[0x54442d18, 0x400921fb]], [[0, -0x40100000]]]);
    expect(bitcast(words, 'float64').toArray()).toEqual([[Math.PI], [-1]]);
    expect(
      jit((x: Tensor) => bitcast(bitcast(x, 'int32'), 'float64'))(tensor([1e-310])).item(),
    ).toBe(1e-310);
    expect(bitcast(singles, 'float32')).toBe(singles);
  });

  test('says between which dtypes it works', () => {
    expect(() => bitcast(tensor([1, 2, 3], { dtype: 'int32' }), 'float64')).toThrow(
      'float64 is made of two int32 words, on a last axis of extent 2',
    );
    expect(() => bitcast(tensor([1]), 'float32')).toThrow('To convert numbers, use astype');
  });
});
