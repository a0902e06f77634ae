import {
  add,
  type CallablePrimitive,
  definePrimitive,
  foriLoop,
  grad,
  jit,
  jvp,
  program,
  scan,
  sin,
  stack,
  sum,
  type Tensor,
  tensor,
  vjp,
  vmap,
  whileLoop,
  zeros,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

function slope(f: (x: number) => number, x: number, h = 1e-5): number {
  return (f(x + h) - f(x - h)) / (2 * h);
}

describe('scan', () => {
  const cumulative = (xs: Tensor): [Tensor, Tensor] =>
    scan((c, x) => [c.add(x), c.mul(x)], zeros([]), xs);

  test('threads the carry and stacks what each step gives', () => {
    const [total, ys] = cumulative(tensor([1, 2, 3, 4]));
    expect(total.item()).toBe(10);
    expect(ys.toArray()).toEqual([0, 2, 9, 24]);
  });

  test('runs from the last element to the first when told so', () => {
    const [, ys] = scan((c, x) => [c.add(x), c], zeros([]), tensor([1, 2, 3]), { reverse: true });
    expect(ys.toArray()).toEqual([5, 3, 0]);
  });

  test('carries trees and closes over values that it can be differentiated in', () => {
    const f = (a: Tensor): Tensor => {
      const [{ p, q }] = scan(
        ({ p, q }) => [{ p: q, q: sin(p.mul(a)).add(q) }, null],
        { p: tensor(0.5), q: tensor(1.5) },
        null,
        { length: 7 },
      );
      return p.mul(q);
    };
    const value = (a: number): number => f(tensor(a)).item();
    expect(grad(f)(0.8).item()).toBeCloseTo(slope(value, 0.8), 8);
    const first = (a: number): number => grad(f)(a).item();
    expect(grad(grad(f))(0.8).item() / slope(first, 0.8)).toBeCloseTo(1, 8);
    expect(jvp(f, [0.8], [1])[1].item()).toBeCloseTo(grad(f)(0.8).item(), 12);
  });

  test('adds up the gradients of every step in its inputs', () => {
    const g = grad((xs: Tensor) => sum(cumulative(xs)[1]))(tensor([1, 2, 3]));
    // y = [0, x0 x1, (x0 + x1) x2]
    expect(g.toArray()).toEqual([2 + 3, 1 + 3, 1 + 2]);
  });

  test('of no steps gives the initial carry and its identity derivative', () => {
    const f = (x: Tensor): Tensor => scan((c) => [c.mul(2), null], x, null, { length: 0 })[0];
    expect(f(tensor(3)).item()).toBe(3);
    expect(grad(f)(3).item()).toBe(1);
    expect(cumulative(tensor(new Float64Array(0)))[1].shape).toEqual([0]);
  });

  test.each(['store', 'recompute', 'online', 1] as const)(
    'of one step is that step, without a loop, with checkpoint %s',
    (checkpoint) => {
      const once = (xs: Tensor) =>
        scan((c: Tensor, x: Tensor) => [c.add(sin(x)), c.mul(x)], xs.at(0), xs, { checkpoint });
      const x = tensor([0.5]);
      expect(String(program(once)(x))).not.toMatch('scan');
      const [total, ys] = once(x);
      expect([total.item(), ys.toArray()]).toEqual([0.5 + Math.sin(0.5), [0.25]]);
      const slopes = [0, 1].map((of) => grad((xs: Tensor) => sum(once(xs)[of] ?? xs))(x).item());
      expect(slopes).toEqual([1 + Math.cos(0.5), 1]);
    },
  );

  test('of one step keeps the rules of loops', () => {
    const one = { length: 1 };
    expect(() => scan((c) => [stack([c, c]), null], tensor(1), null, one)).toThrow(TypeError);
    const x = tensor([1, 2]);
    const [same] = scan((c) => [c, null], x, null, one);
    same.dispose();
    expect(x.toArray()).toEqual([1, 2]);
  });

  test('gives the same values and gradients under jit and vmap', () => {
    const f = (xs: Tensor): Tensor => sum(cumulative(sin(xs))[1]);
    const batch = tensor([
      [1, 2, 3],
      [0.1, -0.2, 0.3],
    ]);
    const rows = [tensor([1, 2, 3]), tensor([0.1, -0.2, 0.3])];
    const expected = stack(rows.map((row) => grad(f)(row))).dataSync();
    for (const g of [vmap(grad(f)), jit(vmap(grad(f))), vmap(jit(grad(f)))]) {
      const got = g(batch).dataSync();
      got.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 13);
      });
    }
  });

  test('takes a number as initial carry in the dtype that the body gives it', () => {
    const [c] = scan((carry, x) => [carry.add(x), null], 0, new Float32Array([1, 2]));
    expect([c.dtype, c.item()]).toEqual(['float32', 3]);
  });

  test('refuses a carry that changes its shape, and names it', () => {
    expect(() =>
      scan(({ s }) => [{ s: stack([s, s]) }, null], { s: 0.5 }, null, {
        length: 2,
      }),
    ).toThrow('scan: s starts as float64 of shape [] (a scalar) and becomes float64 of shape [2]');
    expect(() => scan((c) => [c, null], 0, null)).toThrow('the number of steps is not known');
    for (const length of [-1, 1.5]) {
      const none = (): unknown => scan((c) => [c, null], 0, null, { length });
      expect(none).toThrow(`the number of steps is not known (length ${length})`);
    }
    expect(() => scan((c, x) => [c, x[0]], 0, [tensor([1, 2]), tensor([1, 2, 3])])).toThrow(
      'leading axes (and length) must agree',
    );
  });
});

describe('foriLoop', () => {
  test('counts from the lower bound', () => {
    const total = foriLoop(3, 6, (i, c) => c.add(i), tensor(0));
    expect(total.item()).toBe(12);
    expect(foriLoop(5, 2, (_, c) => c.add(1), tensor(0)).item()).toBe(0);
  });
});

describe('whileLoop', () => {
  const squareUp = (x: Tensor): Tensor =>
    whileLoop(
      (c) => c.lt(100),
      (c) => c.mul(c),
      x,
    );

  test('is differentiated in both modes without a bound on its steps', () => {
    expect(squareUp(tensor(2)).item()).toBe(256);
    expect(grad(squareUp)(2).item()).toBe(8 * 2 ** 7);
    expect(grad(grad(squareUp))(2).item()).toBe(56 * 2 ** 6);
    expect(jvp(squareUp, [2], [1])[1].item()).toBe(8 * 2 ** 7);
    const [y, pullback] = vjp(squareUp, tensor(2));
    expect([y.item(), pullback(tensor(2))[0].item()]).toEqual([256, 2048]);
  });

  test('lets each entry of a batch take its own number of steps', () => {
    const xs = tensor([2, 3, 50, 200]);
    expect(vmap(squareUp)(xs).toArray()).toEqual([256, 6561, 2500, 200]);
    expect(vmap(grad(squareUp))(xs).toArray()).toEqual([8 * 2 ** 7, 8 * 3 ** 7, 100, 1]);
    expect(grad((v: Tensor) => sum(vmap(squareUp)(v)))(xs).toArray()).toEqual([
      8 * 2 ** 7,
      8 * 3 ** 7,
      100,
      1,
    ]);
    expect(vmap(grad(grad(squareUp)))(xs).toArray()).toEqual([56 * 2 ** 6, 56 * 3 ** 6, 2, 0]);
  });

  test('has a gradient for each entry of an empty batch: none', () => {
    expect(vmap(grad(squareUp))(zeros([0])).shape).toEqual([0]);
    const ofRows = vmap(grad((row: Tensor) => sum(vmap(squareUp)(row))));
    expect(ofRows(zeros([2, 0])).shape).toEqual([2, 0]);
    expect(ofRows(zeros([0, 2])).shape).toEqual([0, 2]);
    expect(jit(ofRows)(zeros([0, 2])).shape).toEqual([0, 2]);
  });

  test('nests in a scan, in a while loop, and under jit, to second order', () => {
    const f = (x: Tensor): Tensor =>
      scan(
        (c) => [
          whileLoop(
            (d) => d.lt(5),
            (d) => d.mul(x).add(1),
            c,
          ).mul(0.5),
          null,
        ],
        x,
        null,
        { length: 3 },
      )[0];
    const value = (x: number): number => f(tensor(x)).item();
    const first = (x: number): number => grad(f)(x).item();
    expect(first(1.5)).toBeCloseTo(slope(value, 1.5), 7);
    expect(grad(grad(f))(1.5).item()).toBeCloseTo(slope(first, 1.5), 6);
    expect(jit(grad(f))(1.5).item()).toBeCloseTo(first(1.5), 13);

    const g = (x: Tensor): Tensor =>
      whileLoop(
        (c) => c.lt(1000),
        (c) =>
          whileLoop(
            (d) => d.lt(c.mul(2)),
            (d) => d.mul(x),
            c,
          ),
        x,
      );
    const nested = (x: number): number => g(tensor(x)).item();
    expect(grad(g)(1.3).item() / slope(nested, 1.3)).toBeCloseTo(1, 7);
    expect(jit(grad(g))(1.3).item()).toBeCloseTo(grad(g)(1.3).item(), 8);
  });

  test('counts integers beside what it differentiates', () => {
    const power = (x: Tensor, n: number): Tensor =>
      whileLoop(
        ({ i }) => i.lt(n),
        ({ i, p }) => ({ i: i.add(1), p: p.mul(x) }),
        { i: tensor(0, { dtype: 'int32' }), p: tensor(1) },
      ).p;
    expect(grad((x: Tensor) => power(x, 10))(1.1).item()).toBeCloseTo(10 * 1.1 ** 9, 12);
  });

  test('that never runs passes its derivative through', () => {
    expect(grad(squareUp)(200).item()).toBe(1);
  });

  test('taking more than maxSteps is an error that says so', () => {
    const run = (): Tensor =>
      whileLoop(
        (c) => c.gt(0),
        (c) => add(c, 1),
        1,
        { maxSteps: 10 },
      );
    expect(run).toThrow(/whileLoop: the condition still holds after maxSteps = 10 steps/);
  });

  test('that changes nothing and never ends is an error under jit as well', () => {
    const stuck = (x: Tensor): Tensor =>
      whileLoop(
        (c) => c.gt(0),
        (c) => c,
        x,
        { maxSteps: 10 },
      );
    expect(() => stuck(tensor(2))).toThrow('maxSteps = 10');
    expect(() => jit(stuck)(2)).toThrow('maxSteps = 10');
    expect(jit(stuck)(-1).item()).toBe(-1);
  });

  test('refuses a condition that is not a bool scalar', () => {
    expect(() =>
      whileLoop(
        (c) => c,
        (c) => c,
        1,
      ),
    ).toThrow('the condition must be a bool scalar; it is float64');
  });
});

// What the rule of an operation takes from outside becomes an input of the loop that is differentiated.
test('a loop of unknown length differentiates operations whose rules have tensors of their own', () => {
  const slopes = tensor([2, 3, 5]);
  const scaled: CallablePrimitive<1, object> = definePrimitive({
    name: 'scaled',
    arity: 1,
    type: ([x]) => x,
    linearize: (operands) => [scaled(...operands), (dx) => dx.mul(slopes)],
    vmap: ([x]) => scaled(x),
    decompose: ([x]) => x.mul(1),
  });
  const rate = tensor([0.5, 0.25, 0.125]);
  const f = (x: Tensor): Tensor =>
    sum(
      whileLoop(
        ({ n }) => n.lt(3),
        ({ y, n }) => ({ y: scaled(y).mul(rate).add(1), n: n.add(1) }),
        { y: x, n: tensor(0) },
      ).y,
    );
  const expected = [1, 0.75 ** 3, 0.625 ** 3];
  for (const g of [grad(f), jit(grad(f)), vmap(grad(f), { inAxes: null, axisSize: 1 })]) {
    const found = g(tensor([1, 2, 3])).reshape([3]);
    expect(found.toArray()).toEqual(expected.map((value) => expect.closeTo(value, 14)));
  }
});
