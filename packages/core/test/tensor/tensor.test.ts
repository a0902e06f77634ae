import { fromNdarray, isTensor, type Tensor, tensor } from '@grad/core';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';

describe('tensor', () => {
  test('takes numbers, nested arrays, booleans and typed arrays in their dtypes', () => {
    expect([tensor(3).dtype, tensor(3).shape]).toEqual(['float64', []]);
    expect(tensor([[1, 2, 3]]).shape).toEqual([1, 3]);
    expect(tensor([true, false]).dtype).toBe('bool');
    expect(tensor([true, false]).toArray()).toEqual([true, false]);
    expect(tensor(new Float32Array([1.5])).dtype).toBe('float32');
    expect(tensor(new Int32Array([1])).dtype).toBe('int32');
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([1, 0], { dtype: 'bool' }).toArray()).toEqual([true, false]);
    expect(tensor([0.1], { dtype: 'float32' }).item()).toBe(Math.fround(0.1));
  });

  test('copies what it is given and what it hands out', () => {
    const data = new Float64Array([1, 2]);
    const x = tensor(data);
    data[0] = 9;
    const out = x.dataSync();
    out[1] = 9;
    expect(x.toArray()).toEqual([1, 2]);
    expect(x.read((view) => view[1])).toBe(2);
  });

  test('exchanges ndarrays of any strides', async () => {
    const base = ndarray(new Float64Array([0, 1, 2, 3, 4, 5]), [2, 3]);
    expect(fromNdarray(base.transpose(1, 0)).toArray()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(tensor(base.step(1, -2)).toArray()).toEqual([
      [2, 0],
      [5, 3],
    ]);
    expect(tensor(base.hi(2, 2).lo(1, 1)).toArray()).toEqual([[4]]);
    const back = tensor(base.pick(1)).ndarray();
    expect([back.shape, back.stride, Array.from(back.data)]).toEqual([[3], [1], [3, 4, 5]]);
    expect(Array.from(await tensor([1, 2]).data())).toEqual([1, 2]);
  });

  test('refuses ragged arrays, odd elements and fractions of integers, and says where', () => {
    expect(() => tensor([[1, 2], [3]])).toThrow('[1] has 1 entries, its neighbours have 2 entries');
    expect(() => tensor([[1], 2])).toThrow('[1] has a number');
    const odd: unknown = ['a'];
    // @ts-expect-error: the type refuses it too
    expect(() => tensor(odd)).toThrow('the element at [0] of the argument is "a"');
    expect(() => tensor([1.5], { dtype: 'int32' })).toThrow('1.5, which is not a whole number');
  });

  test('prints dtype, shape and the ends of long axes', () => {
    expect(String(tensor([[1, 2.5]]))).toBe('f64[1,2] [[1, 2.5]]');
    expect(String(tensor(Float64Array.from({ length: 9 }, (_, i) => i)))).toBe(
      'f64[9] [0, 1, 2, ..., 6, 7, 8]',
    );
    expect(String(tensor([true]))).toBe('bool[1] [true]');
  });

  test('is not a number for JavaScript', () => {
    const x: unknown = tensor(2);
    expect(() => Number(x)).toThrow('Use add(a, b), lt(a, b)');
    expect(() => tensor([1, 2]).item()).toThrow('item() needs exactly 1');
    expect([isTensor(x), isTensor({ shape: [] })]).toEqual([true, false]);
  });

  test('has the functions as methods', () => {
    const x: Tensor = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(x.add(1).mul(x).sub(x).sum({ axis: 0 }).toArray()).toEqual([10, 20]);
    expect(x.matmul(x).transpose().toArray()).toEqual([
      [7, 15],
      [10, 22],
    ]);
    expect(x.max({ axis: 1, keepdims: true }).toArray()).toEqual([[2], [4]]);
  });
});
