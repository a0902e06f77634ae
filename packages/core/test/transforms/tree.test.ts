import { grad, isConcrete, jit, type Tensor, tensor, tree, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';

describe('tree.ravel', () => {
  test('gives one vector, keys in alphabetical order, and puts it back into the structure', () => {
    const [vector, unravel] = tree.ravel({
      w: tensor([
        [1, 2],
        [3, 4],
      ]),
      b: [5, tensor([6])],
    });
    expect(vector.toArray()).toEqual([5, 6, 1, 2, 3, 4]);
    const { w, b } = unravel(vector.mul(10));
    expect(w.toArray()).toEqual([
      [10, 20],
      [30, 40],
    ]);
    expect(b[0].item()).toBe(50);
    expect(b[1].toArray()).toEqual([60]);
  });

  test('passes derivatives both ways', () => {
    const f = (x: Tensor): Tensor =>
      tree
        .ravel([x.square(), x.mul(3)])[0]
        .mul(tensor([1, 2, 10, 20]))
        .sum();
    expect(grad(f)(tensor([5, 7])).toArray()).toEqual([2 * 5 + 30, 2 * 14 + 60]);
    const [, unravel] = tree.ravel({ a: 0, b: tensor([0, 0]) });
    const g = (v: Tensor): Tensor => unravel(v).b.square().sum().add(unravel(v).a);
    expect(jit(grad(g))(tensor([1, 2, 3])).toArray()).toEqual([1, 4, 6]);
  });

  test('takes a tree without leaves', () => {
    const [vector, unravel] = tree.ravel({});
    expect(vector.shape).toEqual([0]);
    expect(unravel(vector)).toEqual({});
  });

  test('refuses leaves of several dtypes, and a vector of another length', () => {
    expect(() => tree.ravel([tensor([1]), tensor([1], { dtype: 'float32' })])).toThrow(
      /float64 and float32/,
    );
    expect(() => tree.ravel([tensor([1, 2])])[1](tensor([1]))).toThrow(/2 elements.*\[1\]/);
  });
});

describe('isConcrete', () => {
  test('is true for tensors at hand and where grad records a computation that could run now', () => {
    const seen: boolean[] = [];
    const look = (x: Tensor): Tensor => {
      seen.push(isConcrete(x), isConcrete(x.mul(2)));
      return x.sum();
    };
    look(tensor([1]));
    grad(look)(tensor([1]));
    grad((x) => grad(look)(x.mul(3)).sum())(tensor([1]));
    expect(seen).toEqual([true, true, true, true, true, true]);
  });

  test('is false inside jit and vmap, and inside grad within them', () => {
    const seen: boolean[] = [];
    const look = (x: Tensor): Tensor => {
      seen.push(isConcrete(x));
      return x.sum();
    };
    jit(look)(tensor([1]));
    vmap(look)(tensor([[1]]));
    jit(grad(look))(tensor([1]));
    expect(seen).toEqual([false, false, false]);
  });
});

test('tree.unflatten names leaves that are no list', () => {
  const [, structure] = tree.flatten({ a: 1 });
  // @ts-expect-error: leaves are a list.
  expect(() => tree.unflatten(structure, 5)).toThrow(
    /^tree.unflatten: the leaves must be an array/,
  );
});
