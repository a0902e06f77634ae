import { jit, meshgrid, ShapeError, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { expect, test } from 'vitest';

test('meshgrid gives coordinates in the order of pictures or of indices', () => {
  const [x, y] = meshgrid([
    [1, 2, 3],
    [10, 20],
  ]);
  expect(x?.toArray()).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect(y?.toArray()).toEqual([
    [10, 10, 10],
    [20, 20, 20],
  ]);
  const grid = meshgrid([[1, 2, 3], [10, 20], [7]], { indexing: 'ij' });
  expect(grid.map(({ shape }) => shape)).toEqual([
    [3, 2, 1],
    [3, 2, 1],
    [3, 2, 1],
  ]);
  expect(grid[0]?.at(2, 1, 0).item()).toBe(3);
});

test('of one vector, of none, of three and of a dtype', () => {
  expect(meshgrid([[1, 2]])[0]?.toArray()).toEqual([1, 2]);
  expect(meshgrid([])).toEqual([]);
  expect(meshgrid([[1, 2], [3], [4, 5, 6]]).map(({ shape }) => shape)[2]).toEqual([1, 2, 3]);
  const whole = tensor([1, 2], { dtype: 'int32' });
  expect(meshgrid([whole, [0.5]]).map(({ dtype }) => dtype)).toEqual(['int32', 'float64']);
});

test('is right under grad, jit and vmap', () => {
  const product = (x: Tensor, y: Tensor): Tensor => {
    const [a, b] = meshgrid([x, y]);
    return a && b ? a.sin().mul(b) : x;
  };
  const [x, y] = [tensor([0.5, -1, 2]), tensor([0.25, 1.5])];
  checkGrads(product, [x, y]);
  expect(jit(product)(x, y).toArray()).toEqual(product(x, y).toArray());
  const many = vmap(product)(
    tensor([
      [1, 2],
      [3, 4],
    ]),
    tensor([[5], [6]]),
  );
  expect(many.at(1).toArray()).toEqual(product(tensor([3, 4]), tensor([6])).toArray());
});

test('what is no vector, and an order that is none, are refused', () => {
  expect(() => meshgrid([[1], [[2]]])).toThrow(ShapeError);
  expect(() => meshgrid([[1], [[2]]])).toThrow('meshgrid: vector 1 has shape [1, 1]');
  // @ts-expect-error There is no such order.
  expect(() => meshgrid([[1]], { indexing: 'yx' })).toThrow('meshgrid: indexing is "yx"');
});
