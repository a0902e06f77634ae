import {
  arange,
  einsum,
  grad,
  logSoftmax,
  logsumexp,
  matmul,
  oneHot,
  pad,
  softmax,
  split,
  std,
  sum,
  type Tensor,
  tensor,
  tile,
  variance,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

const x = tensor([
  [1, 2, 4],
  [0, -1, 3],
]);

describe('spread', () => {
  test('variance and std are those of the population, or of a sample with ddof', () => {
    expect(variance(tensor([1, 2, 3, 4])).item()).toBe(1.25);
    expect(variance(tensor([1, 2, 3, 4]), { ddof: 1 }).item()).toBeCloseTo(5 / 3, 15);
    expect(std(x, { axis: 1 }).at(0).item()).toBeCloseTo(Math.sqrt(14 / 9), 15);
    expect(variance(tensor([1e9, 1e9 + 1])).item()).toBe(0.25);
    checkGrads((t: Tensor) => variance(t, { axis: 0 }), [x]);
  });
});

describe('logsumexp and softmax', () => {
  test('do not overflow, and know empty and infinite sums', () => {
    expect(logsumexp(tensor([1000, 1000])).item()).toBeCloseTo(1000 + Math.LN2, 12);
    expect(logsumexp(tensor([-1e308, 0])).item()).toBe(0);
    const nothing = tensor([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(logsumexp(nothing).item()).toBe(Number.NEGATIVE_INFINITY);
    expect(logsumexp(tensor([Number.POSITIVE_INFINITY, 0])).item()).toBe(Number.POSITIVE_INFINITY);
    expect(softmax(tensor([1000, 0])).toArray()).toEqual([1, 0]);
    expect(logSoftmax(tensor([1000, 0])).toArray()).toEqual([0, -1000]);
    expect(() => logsumexp(tensor([]))).toThrow('no elements to reduce in shape [0]');
  });

  test('reduce over any axes, with the softmax as derivative', () => {
    expect(logsumexp(x, { axis: 1 }).shape).toEqual([2]);
    expect(logsumexp(x, { axis: 1, keepdims: true }).shape).toEqual([2, 1]);
    const g = grad((t: Tensor) => logsumexp(t))(tensor([1, 2, 3]));
    softmax(tensor([1, 2, 3]))
      .dataSync()
      .forEach((value, i) => {
        expect(g.at(i).item()).toBeCloseTo(value, 15);
      });
    checkGrads((t: Tensor) => logSoftmax(t, { axis: 0 }), [x]);
    checkGrads((t: Tensor) => softmax(t), [x]);
  });
});

describe('cutting and joining', () => {
  test('split makes equal parts, or cuts at positions', () => {
    expect(split(arange(6), 3).map((part) => part.toArray())).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(split(x, [1], { axis: 1 }).map((part) => part.shape)).toEqual([
      [2, 1],
      [2, 2],
    ]);
    expect(() => split(arange(5), 2)).toThrow('5 entries on axis 0 of shape [5] do not make 2');
  });

  test('tile repeats along axes, new ones in front', () => {
    expect(tile(tensor([1, 2]), [2, 2]).toArray()).toEqual([
      [1, 2, 1, 2],
      [1, 2, 1, 2],
    ]);
    expect(tile(x, [2]).shape).toEqual([2, 6]);
  });

  test('pad adds entries at the ends of each axis', () => {
    expect(pad(tensor([1, 2]), [[1, 2]], { value: 7 }).toArray()).toEqual([7, 1, 2, 7, 7]);
    expect(
      grad((t: Tensor) =>
        sum(
          pad(t, [
            [0, 1],
            [1, 0],
          ]).square(),
        ),
      )(x).toArray(),
    ).toEqual([
      [2, 4, 8],
      [0, -2, 6],
    ]);
    expect(() => pad(x, [[1, 1]])).toThrow('needs one number or [before, after]');
  });

  test('oneHot marks positions, and nothing for those outside', () => {
    expect(oneHot([1, 3], 3).toArray()).toEqual([
      [0, 1, 0],
      [0, 0, 0],
    ]);
  });
});

describe('einsum', () => {
  const a = arange(6).reshape([2, 3]).astype('float64');
  const b = arange(12).reshape([3, 4]).astype('float64');

  test('gives products, traces, transposes and sums', () => {
    expect(einsum('ij,jk->ik', a, b).toArray()).toEqual(matmul(a, b).toArray());
    expect(einsum('ij,jk', a, b).toArray()).toEqual(matmul(a, b).toArray());
    expect(einsum('ij->ji', a).toArray()).toEqual(a.transpose().toArray());
    expect(einsum('ij->', a).item()).toBe(15);
    expect(
      einsum(
        'ii->',
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ).item(),
    ).toBe(5);
    expect(
      einsum(
        'ii->i',
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ).toArray(),
    ).toEqual([1, 4]);
    expect(einsum('i,j->ij', tensor([1, 2]), tensor([3, 4])).toArray()).toEqual([
      [3, 4],
      [6, 8],
    ]);
  });

  test('contracts several operands with batches, and is differentiated', () => {
    const c = arange(8).reshape([4, 2]).astype('float64');
    const direct = matmul(matmul(a, b), c);
    expect(einsum('ij,jk,kl->il', a, b, c).toArray()).toEqual(direct.toArray());
    const batch = arange(12).reshape([2, 2, 3]).astype('float64');
    expect(einsum('bij,bkj->bik', batch, batch).at(1).toArray()).toEqual(
      matmul(batch.at(1), batch.at(1).transpose()).toArray(),
    );
    checkGrads((p: Tensor, q: Tensor) => einsum('ij,jk->k', p, q), [a, b]);
  });

  test('refuses letters that do not fit', () => {
    expect(() => einsum('ij,jk->ik', a, a)).toThrow('gives j the extents 3 and 2');
    expect(() => einsum('ijk->i', a)).toThrow('gives operand 0 3 axes');
    expect(() => einsum('ij->iz', a)).toThrow('must occur before it');
    expect(() => einsum('ij,jk->ik', a)).toThrow('names 2 operands');
  });
});
