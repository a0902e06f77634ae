import {
  customJvp,
  customVjp,
  exp,
  grad,
  implicitRoot,
  jit,
  jvp,
  log1p,
  mul,
  scan,
  sign,
  sum,
  type Tensor,
  tensor,
  vjp,
  vmap,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

const sigmoid = (x: Tensor): Tensor => mul(1, exp(x)).div(exp(x).add(1));

describe('customJvp', () => {
  /** log(1 + e^x), whose own derivative is 0 * Infinity for large x, and counts as 0. */
  const softplus = customJvp(
    (x: Tensor) => log1p(exp(x)),
    ([x], [dx]) => [log1p(exp(x)), dx.div(exp(x.neg()).add(1))],
  );

  test('replaces the derivative in both modes', () => {
    expect(softplus(0).item()).toBeCloseTo(Math.LN2, 15);
    expect(grad(softplus)(1000).item()).toBe(1);
    expect(jvp(softplus, [1000], [2])[1].item()).toBe(2);
    expect(grad((x: Tensor) => log1p(exp(x)))(1000).item()).toBe(0);
  });

  test('is differentiated again through its rule', () => {
    const s = sigmoid(tensor(0.7)).item();
    expect(grad(grad(softplus))(0.7).item()).toBeCloseTo(s * (1 - s), 14);
  });

  test('works under jit, vmap and in loops', () => {
    const xs = tensor([-1, 0, 1000]);
    const slopes = [sigmoid(tensor(-1)).item(), 0.5, 1];
    for (const g of [vmap(grad(softplus)), jit(vmap(grad(softplus)))]) {
      g(xs)
        .dataSync()
        .forEach((value, i) => {
          expect(value).toBeCloseTo(slopes[i] ?? Number.NaN, 15);
        });
    }
    const total = (x: Tensor): Tensor => sum(vmap(softplus)(x));
    expect(grad(total)(xs).at(2).item()).toBe(1);
    const twice = (x: Tensor): Tensor =>
      scan((c) => [softplus(c), null], x, null, { length: 2 })[0];
    expect(grad(twice)(1000).item()).toBe(1);
  });

  test('refuses a rule of another structure or type', () => {
    const wrong = customJvp(
      (x: Tensor) => x,
      // @ts-expect-error: the type refuses it too
      ([x]) => x,
    );
    expect(() => wrong(1)).toThrow('the rule must return [y, dy]');
    const wide = customJvp(
      (x: Tensor) => x.sum(),
      ([x], [dx]) => [x.sum(), dx],
    );
    expect(() => wide(tensor([1, 2]))).toThrow('the rule gives a tangent of type f64[2]');
  });
});

describe('customVjp', () => {
  /** The identity, whose cotangent is clipped to [-1, 1]. */
  const clipped = customVjp((x: Tensor) => x, {
    fwd: (x) => [x, x.mul(0)],
    bwd: (zero, ct) => [ct.minimum(1).maximum(-1).add(zero)],
  });

  test('replaces the derivative in reverse mode', () => {
    expect(grad((x: Tensor) => clipped(x).mul(5))(2).item()).toBe(1);
    expect(vjp(clipped, tensor(2))[1](tensor(-0.5))[0].item()).toBe(-0.5);
    const steep = (x: Tensor): Tensor => sum(clipped(x).mul(tensor([5, -7, 0.5])));
    expect(jit(grad(steep))(tensor([1, 2, 3])).toArray()).toEqual([1, -1, 0.5]);
  });

  test('works under vmap, with arguments that the batch shares', () => {
    const f = customVjp((x: Tensor, y: Tensor) => x.mul(y), {
      fwd: (x, y) => [x.mul(y), [x, y]],
      bwd: ([x, y], ct) => [ct.mul(y).mul(10), ct.mul(x).mul(100)],
    });
    const xs = tensor([1, 2, 3]);
    const total = (x: Tensor, y: Tensor): Tensor => sum(vmap(f, { inAxes: [0, null] })(x, y));
    const [gx, gy] = grad(total, { argnums: [0, 1] })(xs, 4);
    expect(gx.toArray()).toEqual([40, 40, 40]);
    expect(gy.item()).toBe(600);
    expect(vmap(grad(f), { inAxes: [0, null] })(xs, 4).toArray()).toEqual([40, 40, 40]);
  });

  test('takes what a rule of forward mode says does not move', () => {
    const still = customJvp<readonly [Tensor], Tensor>(
      (x) => x.mul(0),
      ([x]) => [x.mul(0), tensor(0)],
    );
    const same = customVjp<readonly [Tensor], Tensor, Tensor>((x) => x.mul(1), {
      fwd: (x) => [x.mul(1), x],
      bwd: (_, ct) => [ct],
    });
    expect(grad((x: Tensor) => same(still(x)).add(x))(2).item()).toBe(1);
  });

  test('takes a solution whose equation does not move, also under vmap', () => {
    const same = customVjp<readonly [Tensor], Tensor, Tensor>((x) => x.mul(1), {
      fwd: (x) => [x.mul(1), x],
      bwd: (_, ct) => [ct],
    });
    const half = (x: Tensor): Tensor =>
      implicitRoot(
        (y: Tensor, a: Tensor) => y.mul(2).sub(sign(a)),
        (a) => sign(a).mul(0.5),
        x,
        { linearSolve: (_, b) => b.mul(0.5) },
      );
    const f = (x: Tensor): Tensor => same(half(x)).add(x);
    expect(vmap(grad(f))(tensor([2, -3])).toArray()).toEqual([1, 1]);
  });

  test('says that it has no forward mode', () => {
    expect(() => jvp(clipped, [1], [1])).toThrow('a rule for reverse mode only');
  });
});
