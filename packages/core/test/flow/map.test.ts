import {
  arange,
  associativeScan,
  grad,
  jit,
  map,
  matmul,
  sum,
  type Tensor,
  tensor,
  tree,
  vmap,
  whileLoop,
  zeros,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

describe('map', () => {
  const squareUp = (x: Tensor): Tensor =>
    whileLoop(
      (c) => c.lt(100),
      (c) => c.mul(c),
      x,
    );
  const xs = tensor([2, 3, 50, 200]);

  test('gives what vmap gives, with its own number of steps for each element', () => {
    expect(map(squareUp, xs).toArray()).toEqual([256, 6561, 2500, 200]);
    const total = (t: Tensor): Tensor => sum(map(squareUp, t));
    expect(grad(total)(xs).toArray()).toEqual(vmap(grad(squareUp))(xs).toArray());
    expect(jit(grad(total))(xs).toArray()).toEqual([1024, 17496, 100, 1]);
  });

  test('takes and gives trees', () => {
    const { p, q } = map(({ a, b }) => ({ p: a.add(b), q: a.sum() }), {
      a: tensor([
        [1, 2],
        [3, 4],
      ]),
      b: tensor([10, 20]),
    });
    expect(p.toArray()).toEqual([
      [11, 12],
      [23, 24],
    ]);
    expect(q.toArray()).toEqual([3, 7]);
  });
});

describe('associativeScan', () => {
  test.for([1, 2, 3, 4, 5, 8, 13])('gives running sums of %i numbers', (n) => {
    const xs = arange(1, n + 1).astype('float64');
    const sums = Array.from({ length: n }, (_, i) => ((i + 1) * (i + 2)) / 2);
    expect(associativeScan((a, b) => a.add(b), xs).toArray()).toEqual(sums);
    const fromEnd = associativeScan((a, b) => a.add(b), xs, { reverse: true });
    expect(fromEnd.at(0).item()).toBe(sums.at(-1));
    expect(fromEnd.at(n - 1).item()).toBe(n);
  });

  test('keeps the shape of entries that have no elements', () => {
    const wide = associativeScan((a, b) => a.add(b), zeros([5, 0, 2]));
    expect(wide.shape).toEqual([5, 0, 2]);
    expect(associativeScan((a, b) => a.add(b), zeros([0, 2])).shape).toEqual([0, 2]);
  });

  test('keeps the order of operations that do not commute', () => {
    const turns = tensor([
      [
        [1, 1],
        [0, 1],
      ],
      [
        [1, 0],
        [1, 1],
      ],
      [
        [2, 0],
        [0, 1],
      ],
    ]);
    const products = associativeScan((a, b) => matmul(a, b), turns);
    expect(products.at(2).toArray()).toEqual([
      [4, 1],
      [2, 1],
    ]);
  });

  test('solves a linear recurrence on trees, and is differentiated', () => {
    const states = (a: Tensor, b: Tensor): Tensor =>
      associativeScan(
        (left, right) => ({ a: left.a.mul(right.a), b: right.a.mul(left.b).add(right.b) }),
        { a, b },
      ).b;
    const a = tensor([0.5, 2, -1, 3]);
    const b = tensor([1, 1, 2, -1]);
    expect(states(a, b).toArray()).toEqual([1, 3, -1, -4]);
    expect(grad((t: Tensor) => states(a, t).at(3))(b).toArray()).toEqual([-6, -3, 3, 1]);
    expect(jit(vmap(states, { inAxes: [null, 0] }))(a, tensor([[1, 1, 2, -1]])).shape).toEqual([
      1, 4,
    ]);
  });

  test('refuses leaves without a common leading axis', () => {
    expect(() => associativeScan((x, _) => x, [tensor([1, 2]), tensor([1])])).toThrow(
      'one leading axis of one extent; got [2], [1]',
    );
  });
});

describe('tree', () => {
  test('maps, lists and rebuilds', () => {
    const x = { w: tensor([1, 2]), b: [3] };
    expect(tree.leaves(x).map((leaf) => leaf.toArray())).toEqual([3, [1, 2]]);
    const doubled = tree.map((a, b) => a.add(b), x, x);
    expect(doubled.w.toArray()).toEqual([2, 4]);
    expect(doubled.b[0]?.item()).toBe(6);
    const [leaves, structure] = tree.flatten(x);
    expect(tree.unflatten<typeof doubled>(structure, leaves).w.toArray()).toEqual([1, 2]);
    expect(() => tree.map((a) => a, x, { w: 1 })).toThrow('{b: [*], w: *} and {w: *}');
    expect(() => tree.unflatten(structure, [])).toThrow('2 leaves are needed, 0 were given');
  });
});
