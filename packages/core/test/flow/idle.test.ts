// Entries of a batch that are done with a loop, or take another branch, are idle: they may neither
// fail nor change what the others give.

import {
  checkpoint,
  cond,
  customJvp,
  customVjp,
  floor,
  grad,
  implicitRoot,
  jit,
  jvp,
  matmul,
  mod,
  scan,
  sin,
  sqrt,
  stack,
  sum,
  switchCase,
  type Tensor,
  take,
  tensor,
  tree,
  vmap,
  where,
  whileLoop,
} from '@grad/core';
import { gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import { describe, expect, test } from 'vitest';

expect.extend(gradMatchers);

const int = (x: number | number[]): Tensor => tensor(x, { dtype: 'int32' });

/** x squared until it is above 50. */
const squareUp = (x: Tensor): Tensor =>
  whileLoop(
    (c) => c.lt(50),
    (c) => c.mul(c),
    x,
  );

/** Squares above 1, where that ends; a sine below. */
const f = (x: Tensor): Tensor => cond(x.gt(1), squareUp, (y: Tensor) => sin(y).mul(3), x);

type Numbers = (x: Tensor) => Tensor;

/** Asserts that vmap of g is a loop over g, also jitted, differentiated, and twice. */
function expectLoop(g: Numbers, xs: Tensor): void {
  const n = xs.shape[0] ?? 0;
  const each = (h: Numbers): unknown =>
    stack(Array.from({ length: n }, (_, i) => h(xs.at(i)))).toArray();
  const total = (h: Numbers) => (x: Tensor) => sum(h(x));
  const push: Numbers = (x) => jvp(g, [x], [x.mul(0).add(1)])[1];
  for (const h of [g, push, grad(total(g)), grad(total(grad(total(g))))]) {
    expect(vmap(h)(xs).toArray()).toEqual(each(h));
    expect(jit(vmap(h))(xs).toArray()).toEqual(each(h));
  }
  expect(grad((x: Tensor) => sum(vmap(g)(x)))(xs).toArray()).toEqual(each(grad(total(g))));
  expect(
    vmap(vmap(g))(stack([xs, xs]))
      .at(1)
      .toArray(),
  ).toEqual(each(g));
}

describe('entries of a batch that are idle', () => {
  test('do not loop in a branch that they did not take', () => {
    // squareUp would never end for an entry below 1.
    expectLoop(f, tensor([2, 0.5, 3, -0.25]));
    expectLoop(f, tensor([0.5, 0.25]));
    expectLoop((x) => f(f(x)), tensor([2, 0.5, 7]));
  });

  test('do not loop in a branch inside a loop', () => {
    const steps = (x: Tensor): Tensor => {
      const [end] = scan((c: Tensor) => [f(c.mul(0.125)).add(x), null], x, null, { length: 3 });
      return end;
    };
    expectLoop(steps, tensor([2, 0.5, 13, -1]));
    const whole = (x: Tensor): Tensor =>
      whileLoop(
        ({ n }) => n.lt(x),
        ({ c, n }) => ({ c: f(c.mul(0.5)).add(1), n: n.add(1) }),
        { c: x, n: 0 },
      ).c;
    expectLoop(whole, tensor([2.5, 0.5, 4.5, -1]));
  });

  test('make no index that is out of range an error', () => {
    const table = tensor([10, 20, 30, 40]);
    const walk = (count: Tensor): Tensor =>
      whileLoop(
        ({ i }) => i.lt(count),
        ({ i, total }) => ({ i: i.add(2), total: total.add(take(table, i)) }),
        { i: int(0), total: tensor(0) },
      ).total;
    // After its last step an entry stands at 4, which is not in the table.
    expect(vmap(walk)(int([4, 1, 3])).toArray()).toEqual([40, 10, 40]);
    expect(() => vmap(walk)(int([4, 5]))).toThrow('take: index 4 is out of range');

    const pick = (i: Tensor): Tensor =>
      cond(
        i.lt(4),
        (at: Tensor) => take(table, at),
        () => tensor(-1),
        i,
      );
    expect(vmap(pick)(int([3, 9, 0])).toArray()).toEqual([40, -1, 10]);
    expect(vmap(pick)(int([9, 9])).toArray()).toEqual([-1, -1]);
    expect(() => vmap(pick)(int([3, -9]))).toThrow('take: index -9 is out of range');
    const shared = (i: Tensor): Tensor =>
      cond(
        i.lt(4),
        () => take(table, int(9)),
        () => tensor(-1),
      );
    expect(vmap(shared)(int([9, 9])).toArray()).toEqual([-1, -1]);
    expect(() => vmap(shared)(int([9, 1]))).toThrow('take: index 9 is out of range');
  });

  test('do not divide an integer by zero', () => {
    const rest = (d: Tensor): Tensor =>
      cond(
        d.ne(0),
        (by: Tensor) => mod(int(7), by),
        () => int(-1),
        d,
      );
    expect(vmap(rest)(int([2, 0, 4])).toArray()).toEqual([1, -1, 3]);
  });

  test('put no NaN into a derivative in what the entries share', () => {
    const w = tensor([
      [0.5, 0.25],
      [-0.25, 0.5],
    ]);
    // The loop ends before the root is of a negative number; an idle entry would take it.
    const g = (weights: Tensor, x: Tensor): Tensor =>
      sum(
        whileLoop(
          ({ left }) => left.ge(0),
          ({ v, left }) => ({ v: matmul(weights, v.mul(sqrt(left))), left: left.sub(1) }),
          { v: stack([x, x.mul(2)]), left: x },
        ).v,
      );
    const xs = tensor([0.5, 3.25, 1.5]);
    const each = [0.5, 3.25, 1.5].map((x) => grad(g)(w, x));
    const expected = each.reduce((a, b) => a.add(b)).toArray();
    const both = (weights: Tensor): Tensor => sum(vmap(g, { inAxes: [null, 0] })(weights, xs));
    expect(grad(both)(w).toArray()).toBeAllclose(expected, { rtol: 1e-14 });
    const batch = vmap(grad(g), { inAxes: [null, 0] })(w, xs);
    expect(sum(batch, { axis: 0 }).toArray()).toBeAllclose(expected, { rtol: 1e-14 });
    const curved = (weights: Tensor): Tensor => sum(grad(both)(weights).square());
    const plain = (weights: Tensor): Tensor =>
      sum(
        [0.5, 3.25, 1.5]
          .map((x) => grad(g)(weights, tensor(x)))
          .reduce((a, b) => a.add(b))
          .square(),
      );
    expect(grad(curved)(w).toArray()).toBeAllclose(grad(plain)(w).toArray(), { rtol: 1e-12 });
  });

  test('stay idle inside functions with rules of their own', () => {
    const inner: readonly Numbers[] = [
      checkpoint(squareUp),
      customJvp(squareUp, ([x], [dx]) => [squareUp(x), dx.mul(x)]),
      (x) =>
        implicitRoot(
          (y: Tensor, a: Tensor) => y.mul(y).sub(a),
          (a: Tensor) =>
            whileLoop(
              (y) => y.mul(y).sub(a).abs().gt(a.mul(1e-15).abs()),
              (y) => y.add(a.div(y)).mul(0.5),
              a,
            ),
          x,
          { linearSolve: (matvec, b) => b.div(matvec(b.mul(0).add(1))) },
        ),
    ];
    for (const h of inner) {
      const g = (x: Tensor): Tensor => cond(x.gt(1), h, (y: Tensor) => sin(y).mul(3), x);
      const xs = tensor([4, 0.5, 9, -1]);
      const each = (k: Numbers): unknown =>
        stack([4, 0.5, 9, -1].map((x) => k(tensor(x)))).toArray();
      for (const k of [g, grad(g), (x: Tensor) => jvp(g, [x], [tensor(1)])[1]]) {
        expect(vmap(k)(xs).toArray()).toBeAllclose(each(k), { rtol: 1e-14 });
        expect(
          vmap(vmap(k))(stack([xs, xs]))
            .at(0)
            .toArray(),
        ).toBeAllclose(each(k), {
          rtol: 1e-14,
        });
      }
    }
    const pulled = customVjp(squareUp, {
      fwd: (x: Tensor) => [squareUp(x), x],
      bwd: (x, ct) => [ct.mul(squareUp(x))],
    });
    const g = (x: Tensor): Tensor => cond(x.gt(1), pulled, (y: Tensor) => sin(y).mul(3), x);
    expect(vmap(grad(g))(tensor([4, 0])).toArray()).toEqual([256, 3]);
  });

  test('choose among many branches, each with its own stack of residuals', () => {
    const g = (x: Tensor): Tensor =>
      switchCase(
        floor(x).astype('int32'),
        [
          squareUp,
          (y: Tensor) =>
            whileLoop(
              (c) => c.lt(9),
              (c) => c.mul(y).add(1),
              y,
            ),
          (y: Tensor) =>
            whileLoop(
              (c) => c.gt(1),
              (c) => sin(c).mul(0.5),
              y,
            ),
          (y: Tensor) => y.mul(2),
        ],
        x.add(1.125),
      );
    expectLoop(g, tensor([0.5, 1.25, 2.5, 3.5, -4, 1.75]));
    const shared = (x: Tensor): Tensor =>
      cond(
        x.gt(0),
        // A loop that no entry of the batch changes, in a branch that only some of them take.
        (y: Tensor) => squareUp(tensor(2)).mul(y),
        (y: Tensor) => y,
        x,
      );
    expectLoop(shared, tensor([1, -1, 2]));
    const scaled = (a: Tensor, xs: Tensor): Tensor =>
      sum(
        vmap((x: Tensor) =>
          cond(
            x.gt(0),
            (y: Tensor) => squareUp(a).mul(y),
            (y: Tensor) => y,
            x,
          ),
        )(xs),
      );
    expect(grad(scaled)(2, tensor([1, -1, 2])).item()).toBe(8 * 2 ** 7 * 3);
  });

  test('leave branches of plain arithmetic to a choice between numbers', () => {
    const g = vmap((x: Tensor) =>
      cond(
        x.gt(0),
        (y: Tensor) => y.mul(3),
        (y: Tensor) => y.neg(),
        x,
      ),
    );
    const xs = tensor([1, -2]);
    expect(g(xs).toArray()).toEqual(where(xs.gt(0), xs.mul(3), xs.neg()).toArray());
    expect(tree.leaves(g(xs)).length).toBe(1);
  });
});
