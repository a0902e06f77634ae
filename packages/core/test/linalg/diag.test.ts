import { jit, linalg, ShapeError, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { expect, test } from 'vitest';

const { diag, diagonal } = linalg;

test('diag puts a vector on the diagonal', () => {
  expect(diag([2, 3]).toArray()).toEqual([
    [2, 0],
    [0, 3],
  ]);
  expect(diag([2, 3], { offset: 1 }).toArray()).toEqual([
    [0, 2, 0],
    [0, 0, 3],
    [0, 0, 0],
  ]);
});

test.each([-2, -1, 0, 3])('diagonal %i of what diag makes is what it is given', (offset) => {
  const x = tensor([
    [2, Number.NaN, 5],
    [7, -0, 1],
  ]);
  const made = diag(x, { offset });
  const size = 3 + Math.abs(offset);
  expect(made.shape).toEqual([2, size, size]);
  expect(diagonal(made, { offset }).toArray()).toEqual(x.toArray());
  expect(made.at(1).abs().sum().item()).toBe(8);
});

test('of nothing it is a matrix of zeros, and masks stay masks', () => {
  expect(diag([], { offset: -1 }).toArray()).toEqual([[0]]);
  expect(diag([]).shape).toEqual([0, 0]);
  expect(diag([true]).toArray()).toEqual([[true]]);
});

test('is right under grad, jit and vmap', () => {
  const f = (x: Tensor): Tensor => diag(x, { offset: -1 }).square();
  const rows = tensor([
    [0.5, -1],
    [2, 3],
  ]);
  checkGrads(f, [rows]);
  expect(jit(f)(rows).toArray()).toEqual(f(rows).toArray());
  expect(vmap(f)(rows).toArray()).toEqual(f(rows).toArray());
});

test('a scalar has no diagonal', () => {
  expect(() => diag(1)).toThrow(ShapeError);
  expect(() => diag(1)).toThrow('linalg.diag: the argument is a scalar');
  expect(() => diag([1], { offset: 0.5 })).toThrow('linalg.diag: the offset');
});
