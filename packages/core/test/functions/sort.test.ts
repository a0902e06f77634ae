import {
  argsort,
  gather,
  grad,
  jit,
  jvp,
  mul,
  sort,
  sum,
  type Tensor,
  take,
  tensor,
  topK,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

const matrix = tensor([
  [3, 1, 2],
  [4, 6, 5],
]);
const weights = tensor([1, 10, 100]);

/** Numbers that look random and repeat. */
function mixed(n: number): number[] {
  return Array.from({ length: n }, (_, i) => Math.round(50 * Math.sin(i * i)) / 4);
}

describe('sort', () => {
  test('sorts along an axis, in either direction', () => {
    expect(sort([3, 1, 2]).toArray()).toEqual([1, 2, 3]);
    expect(sort([3, 1, 2], { descending: true }).toArray()).toEqual([3, 2, 1]);
    expect(sort(matrix).toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(sort(matrix, { axis: 0, descending: true }).toArray()).toEqual([
      [4, 6, 5],
      [3, 1, 2],
    ]);
    expect(sort([]).toArray()).toEqual([]);
    expect(sort([7]).toArray()).toEqual([7]);
    expect(sort(tensor([true, false, true])).toArray()).toEqual([false, true, true]);
    expect(sort(tensor([3, -(2 ** 31), 2 ** 31 - 1], { dtype: 'int32' })).toArray()).toEqual([
      -(2 ** 31),
      3,
      2 ** 31 - 1,
    ]);
  });

  test.each([2, 3, 4, 5, 16, 17, 1000, 4097])('sorts %i elements as JavaScript does', (n) => {
    const data = mixed(n);
    const expected = data.toSorted((a, b) => a - b);
    expect(sort(data).toArray()).toEqual(expected);
    expect(sort(tensor(Float32Array.from(data))).toArray()).toEqual(expected);
    const stable = data.map((_, i) => i).sort((i, j) => (data[i] ?? 0) - (data[j] ?? 0) || i - j);
    expect(argsort(data).toArray()).toEqual(stable);
  });

  test('puts NaN last in both directions, and keeps the order of 0 and -0', () => {
    const x = [Number.NaN, 0, Infinity, -0, Number.NaN, -Infinity, 0];
    expect(sort(x).toArray()).toEqual([-Infinity, 0, -0, 0, Infinity, Number.NaN, Number.NaN]);
    expect(sort(x, { descending: true }).toArray()).toEqual([
      Infinity,
      0,
      -0,
      0,
      -Infinity,
      Number.NaN,
      Number.NaN,
    ]);
    expect(argsort(x, { descending: true }).toArray()).toEqual([2, 1, 3, 6, 5, 0, 4]);
  });

  test('puts a payload into the same order', () => {
    const names = tensor([10, 11, 12], { dtype: 'int32' });
    const [keys, order, doubled] = sort([3, 1, 2], { payload: [names, [6, 2, 4]] });
    expect(keys.toArray()).toEqual([1, 2, 3]);
    expect(order.toArray()).toEqual([11, 12, 10]);
    expect(order.dtype).toBe('int32');
    expect(doubled.toArray()).toEqual([2, 4, 6]);
    expect(() => sort([1, 2], { payload: [[1, 2], [1]] })).toThrow(
      'sort: payload 1 has shape [1]; it must be that of x, [2]',
    );
  });

  test('moves the derivative with the elements', () => {
    const f = (x: Tensor): Tensor => sum(mul(sort(x), weights));
    expect(grad(f)(tensor([3, 1, 2])).toArray()).toEqual([100, 1, 10]);
    expect(grad(f)(tensor([2, 2, 1])).toArray()).toEqual([10, 100, 1]);
    expect(jvp(sort, [tensor([3, 1, 2])], [weights])[1].toArray()).toEqual([10, 100, 1]);
    const payload = (x: Tensor, y: Tensor): Tensor =>
      sum(mul(sort(x, { payload: [y] })[1], weights));
    const [dx, dy] = grad(payload, { argnums: [0, 1] })(tensor([3, 1, 2]), tensor([5, 6, 7]));
    expect(dx.toArray()).toEqual([0, 0, 0]);
    expect(dy.toArray()).toEqual([100, 1, 10]);
    checkGrads((x: Tensor) => sort(x.mul(x), { axis: 0, descending: true }), [matrix]);
  });

  test('works under jit, vmap and grad together', () => {
    const f = jit(vmap(grad((x: Tensor) => sum(mul(sort(mul(x, x)), weights)))));
    expect(f(matrix).toArray()).toEqual([
      [600, 2, 40],
      [8, 1200, 100],
    ]);
    expect(vmap((x: Tensor) => sort(x), { inAxes: 1 })(matrix).toArray()).toEqual([
      [3, 4],
      [1, 6],
      [2, 5],
    ]);
    const nested = vmap(vmap((x: Tensor) => sort(x)));
    expect(
      nested(
        tensor([
          [
            [2, 1],
            [3, 0],
          ],
        ]),
      ).toArray(),
    ).toEqual([
      [
        [1, 2],
        [0, 3],
      ],
    ]);
  });

  test('names an axis that does not exist', () => {
    expect(() => sort(5)).toThrow('sort: axis -1 is out of range for shape [] (a scalar)');
    expect(() => argsort(matrix, { axis: 2 })).toThrow('argsort: axis 2 is out of range');
  });
});

describe('argsort', () => {
  test('gives the positions in sorted order', () => {
    expect(argsort([30, 10, 20]).toArray()).toEqual([1, 2, 0]);
    expect(argsort([30, 10, 20]).dtype).toBe('int32');
    expect(argsort(matrix, { axis: 0 }).toArray()).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ]);
    const rows = take(matrix.transpose(), argsort(matrix.at(0)));
    expect(rows.toArray()).toEqual([
      [1, 6],
      [2, 5],
      [3, 4],
    ]);
    expect(gather(matrix, argsort(matrix)).toArray()).toEqual(sort(matrix).toArray());
    expect(jit(vmap((x: Tensor) => argsort(x)))(matrix).toArray()).toEqual([
      [1, 2, 0],
      [0, 2, 1],
    ]);
  });

  test('ranks when it is applied twice', () => {
    expect(argsort(argsort([30, 10, 20])).toArray()).toEqual([2, 0, 1]);
  });
});

describe('topK', () => {
  test('gives the largest elements and their positions', () => {
    const [values, positions] = topK([1, 9, 4, 9, 5], 3);
    expect(values.toArray()).toEqual([9, 9, 5]);
    expect(positions.toArray()).toEqual([1, 3, 4]);
    const [columns, rows] = topK(matrix, 1, { axis: 0 });
    expect(columns.toArray()).toEqual([[4, 6, 5]]);
    expect(rows.toArray()).toEqual([[1, 1, 1]]);
    expect(topK([1, Number.NaN], 1)[0].toArray()).toEqual([1]);
    expect(topK([1, 2], 0)[0].toArray()).toEqual([]);
  });

  test('has derivatives, and works under jit and vmap', () => {
    const f = (x: Tensor): Tensor => sum(mul(topK(x, 2)[0], [1, 10]));
    expect(jit(vmap(grad(f)))(matrix).toArray()).toEqual([
      [1, 0, 10],
      [0, 1, 10],
    ]);
    checkGrads((x: Tensor) => topK(x.mul(x), 2)[0], [matrix]);
  });

  test('refuses more elements than there are', () => {
    expect(() => topK([1, 2], 3)).toThrow('topK: k = 3; it must be a whole number from 0 to 2');
    expect(() => topK([1, 2], 0.5)).toThrow('topK: k = 0.5');
  });
});
