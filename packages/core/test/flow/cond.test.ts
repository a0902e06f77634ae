import {
  cond,
  grad,
  jit,
  jvp,
  map,
  scan,
  sin,
  sum,
  switchCase,
  type Tensor,
  take,
  tensor,
  vjp,
  vmap,
  whileLoop,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

function slope(f: (x: number) => number, x: number, h = 1e-5): number {
  return (f(x + h) - f(x - h)) / (2 * h);
}

/** x^(2^k) above 1, by a loop of unknown length; 3 sin x below. */
const f = (x: Tensor): Tensor =>
  cond(
    x.gt(1),
    (y: Tensor) =>
      whileLoop(
        (c) => c.lt(50),
        (c) => c.mul(y),
        y,
      ),
    (y: Tensor) => sin(y).mul(3),
    x,
  );

describe('cond', () => {
  test.for([2, 0.5])('at %f has the derivatives of the branch that runs', (x) => {
    const value = (t: number): number => f(tensor(t)).item();
    const first = (t: number): number => grad(f)(t).item();
    for (const g of [grad(f), jit(grad(f)), (t: number) => jvp(f, [t], [1])[1]]) {
      expect(g(x).item()).toBeCloseTo(slope(value, x), 6);
    }
    expect(vjp(f, x)[1](tensor(2))[0].item()).toBeCloseTo(2 * first(x), 12);
    for (const g of [grad(grad(f)), jit(grad(grad(f)))]) {
      expect(g(x).item()).toBeCloseTo(slope(first, x), 5);
    }
  });

  test('chooses for each entry of a batch', () => {
    const xs = tensor([2, 0.5, 3]);
    const each = (g: (x: number) => Tensor): number[] => [2, 0.5, 3].map((x) => g(x).item());
    const smooth = (x: Tensor): Tensor =>
      cond(
        x.gt(1),
        (y: Tensor) => y.pow(5),
        (y: Tensor) => sin(y).mul(3),
        x,
      );
    expect(vmap(smooth)(xs).toArray()).toEqual(each((x) => smooth(tensor(x))));
    expect(vmap(grad(smooth))(xs).toArray()).toEqual(each(grad(smooth)));
    expect(jit(vmap(grad(grad(smooth))))(xs).toArray()).toEqual(each(grad(grad(smooth))));
    expect(map(f, xs).toArray()).toEqual(each((x) => f(tensor(x))));
    expect(grad((t: Tensor) => sum(map(f, t)))(xs).toArray()).toEqual(each(grad(f)));
    expect(vmap(f)(xs).toArray()).toEqual(each((x) => f(tensor(x))));
  });

  test('runs on a batch as one branch when all share the condition', () => {
    const g = (flag: Tensor, x: Tensor): Tensor =>
      cond(
        flag.gt(0),
        (t: Tensor) => t.mul(t),
        (t: Tensor) => t.neg(),
        x,
      );
    const xs = tensor([1, 2, 3]);
    expect(vmap(g, { inAxes: [null, 0] })(1, xs).toArray()).toEqual([1, 4, 9]);
    expect(vmap(g, { inAxes: [null, 0] })(-1, xs).toArray()).toEqual([-1, -2, -3]);
  });

  test('does not run the branch that was not chosen', () => {
    const pick = jit((i: Tensor) =>
      cond(
        i.lt(3),
        (at: Tensor) => take(tensor([10, 20, 30]), at),
        () => tensor(-1),
        i,
      ),
    );
    expect(pick(tensor(2, { dtype: 'int32' })).item()).toBe(30);
    expect(pick(tensor(7, { dtype: 'int32' })).item()).toBe(-1);
  });

  test('closes over values and is differentiated in them', () => {
    const g = (a: Tensor): Tensor =>
      cond(
        a.lt(5),
        (x: Tensor) => x.mul(a),
        (x: Tensor) => x.add(a.square()),
        3,
      );
    expect(grad(g)(2).item()).toBe(3);
    expect(grad(g)(7).item()).toBe(14);
  });

  test('refuses branches that differ, and conditions that are not bool scalars', () => {
    expect(() =>
      cond(
        tensor(true),
        () => tensor(1),
        () => tensor([1]),
      ),
    ).toThrow('branches must give results of the same types; they give (f64[1]) and (f64[])');
    expect(() =>
      cond(
        tensor(true),
        () => [tensor(1)],
        () => [],
      ),
    ).toThrow('branches must give results of one structure');
    expect(() =>
      cond(
        tensor(1),
        () => 1,
        () => 2,
      ),
    ).toThrow('the condition must be a bool scalar');
  });
});

describe('switchCase', () => {
  const powers = (i: Tensor, x: Tensor): Tensor =>
    switchCase(i, [(a: Tensor) => a, (a: Tensor) => a.mul(a), (a: Tensor) => a.pow(3)], x);

  test('takes the branch of an index, and the nearest one for an index outside', () => {
    const indices = [-1, 0, 1, 2, 7];
    const run = jit(powers);
    const values = indices.map((i) => run(tensor(i, { dtype: 'int32' }), 2).item());
    expect(values).toEqual([2, 2, 4, 8, 8]);
    const batch = tensor(indices, { dtype: 'int32' });
    expect(vmap(powers, { inAxes: [0, null] })(batch, 2).toArray()).toEqual(values);
    expect(vmap(grad(powers, { argnums: 1 }), { inAxes: [0, null] })(batch, 2).toArray()).toEqual([
      1, 1, 4, 12, 12,
    ]);
  });

  test('chooses in each step of a loop, to second order', () => {
    const g = (x: Tensor): Tensor =>
      scan(
        (c, i) => [
          switchCase(
            i,
            [
              (a: Tensor) => a.mul(x),
              (a: Tensor) => a.add(x.square()),
              (a: Tensor) =>
                whileLoop(
                  (w) => w.lt(20),
                  (w) => w.mul(x),
                  a,
                ),
            ],
            c,
          ),
          null,
        ],
        x,
        tensor([0, 1, 2, 1, 0], { dtype: 'int32' }),
      )[0];
    const value = (t: number): number => g(tensor(t)).item();
    const first = (t: number): number => grad(g)(t).item();
    for (const h of [grad(g), jit(grad(g))]) {
      expect(h(1.3).item() / slope(value, 1.3)).toBeCloseTo(1, 7);
    }
    for (const h of [grad(grad(g)), jit(grad(grad(g)))]) {
      expect(h(1.3).item() / slope(first, 1.3)).toBeCloseTo(1, 6);
    }
    const batch = tensor([1.3, 1.7]);
    const both = vmap(grad(g))(batch);
    expect(both.at(1).item()).toBeCloseTo(first(1.7), 9);
    expect(
      grad((t: Tensor) => sum(vmap(g)(t)))(batch)
        .at(0)
        .item(),
    ).toBeCloseTo(first(1.3), 9);
  });
});
