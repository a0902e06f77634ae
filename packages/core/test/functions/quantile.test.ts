import { grad, jit, median, quantile, ShapeError, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { expect, test } from 'vitest';

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const x = tensor([
  [3, 1, 2, 10],
  [-1, 7, 0.5, 4],
]);

test('median is the middle element, or the mean of the middle two', () => {
  expect(median([3, 1, 2]).item()).toBe(2);
  expect(median(x, { axis: 1 }).toArray()).toEqual([2.5, 2.25]);
  expect(median(x).item()).toBe(2.5);
  expect(median([4]).item()).toBe(4);
});

test('quantile goes along a straight line between elements', () => {
  expect(quantile(x, 0.25, { axis: 1 }).toArray()).toEqual([1.75, 0.125]);
  expect(quantile(x, [0, 1], { axis: 0 }).toArray()).toEqual([
    [-1, 1, 0.5, 4],
    [3, 7, 2, 10],
  ]);
  expect(quantile([0, 1, 2, 3], 0.9).item()).toBeCloseTo(2.7, 14);
});

test('shapes keep what is not reduced, with or without extents of 1', () => {
  const t = tensor(new Float32Array(24)).reshape([2, 3, 4]);
  expect(quantile(t, [0.1, 0.5], { axis: [0, 2] }).shape).toEqual([2, 3]);
  expect(quantile(t, [0.1], { axis: 1, keepdims: true }).shape).toEqual([1, 2, 1, 4]);
  expect(median(t, { axis: [0, -1], keepdims: true }).shape).toEqual([1, 3, 1]);
  expect(median(t).dtype).toBe('float32');
  expect(median(tensor([1, 2], { dtype: 'int32' })).item()).toBe(1.5);
});

test('infinities are elements like others, and NaN spoils its row alone', () => {
  expect(median([-inf, 1, inf]).item()).toBe(1);
  expect(quantile([-inf, -inf, 1], 0.25).item()).toBe(-inf);
  expect(quantile([1, inf], [0, 0.5, 1]).toArray()).toEqual([1, inf, inf]);
  expect(
    median(
      [
        [nan, 1, 2],
        [3, 1, 2],
      ],
      { axis: 1 },
    ).toArray(),
  ).toEqual([nan, 2]);
});

test('the derivative goes to the elements that the value lies between', () => {
  expect(grad((t: Tensor) => median(t))(tensor([5, 1, 3])).toArray()).toEqual([0, 0, 1]);
  const slopes = grad((t: Tensor) => quantile(t, 0.25))(tensor([4, 0, 2])).toArray();
  expect(slopes).toEqual([0, 0.5, 0.5]);
});

test('right under grad, jit and vmap', () => {
  const f = (t: Tensor): Tensor => quantile(t, [0.2, 0.5], { axis: 0 });
  checkGrads((t: Tensor) => f(t).square(), [x.transpose()]);
  expect(jit(f)(x).toArray()).toEqual(f(x).toArray());
  expect(vmap((row: Tensor) => quantile(row, [0.2, 0.5]))(x).toArray()).toEqual(
    quantile(x, [0.2, 0.5], { axis: 1 }).transpose().toArray(),
  );
});

test('no elements, and fractions that are none, are refused', () => {
  expect(() => median([])).toThrow(ShapeError);
  expect(() => median([])).toThrow('median: there are no elements in shape [0].');
  expect(() => quantile([1], 1.5)).toThrow('quantile: q is a fraction from 0 to 1; it is 1.5.');
  expect(() => quantile([1], [0.5, nan])).toThrow('quantile: q is a fraction');
});
