import {
  grad,
  jvp,
  linearize,
  linearTranspose,
  prod,
  sin,
  stopGradient,
  sum,
  type Tensor,
  tanh,
  tensor,
  valueAndGrad,
  vjp,
  where,
} from '@grad/core';
import { describe, expect, expectTypeOf, test } from 'vitest';

describe('grad', () => {
  test('gives the derivative of a scalar function of a number', () => {
    expect(grad((x) => sin(x).mul(x))(2).item()).toBeCloseTo(2 * Math.cos(2) + Math.sin(2), 14);
  });

  test('nests to any order', () => {
    const f = (x: Tensor): Tensor => tanh(x);
    const t = Math.tanh(0.3);
    const s = 1 - t * t;
    expect(grad(f)(0.3).item()).toBeCloseTo(s, 14);
    expect(grad(grad(f))(0.3).item()).toBeCloseTo(-2 * t * s, 14);
    expect(grad(grad(grad(f)))(0.3).item()).toBeCloseTo(s * (4 * t * t - 2 * s), 13);
  });

  test('keeps an inner derivative apart from the outer variable', () => {
    const f = (x: Tensor): Tensor => x.mul(grad((y) => x.mul(y))(1));
    expect(grad(f)(3).item()).toBe(6);
    const g = (x: Tensor): Tensor => x.mul(jvp((y: Tensor) => x.add(y), [1], [1])[1]);
    expect(grad(g)(3).item()).toBe(1);
  });

  test('follows the structure and the types of its argument', () => {
    const loss = ({ w, b }: { w: Tensor; b: Tensor[] }, x: Tensor): Tensor =>
      w
        .mul(x)
        .add(b[0] ?? 0)
        .sum();
    const gradient = grad(loss);
    const result = gradient({ w: 2, b: [tensor([1, 2])] }, tensor([3, 4]));
    expectTypeOf(result).toEqualTypeOf<{ w: Tensor; b: Tensor[] }>();
    expect(result.w.item()).toBe(7);
    expect(result.b[0]?.toArray()).toEqual([1, 1]);
  });

  test('differentiates in the arguments that argnums names', () => {
    const f = (x: Tensor, y: Tensor): Tensor => x.mul(y).mul(y);
    expect(grad(f, { argnums: 1 })(2, 3).item()).toBe(12);
    const both = grad(f, { argnums: [1, 0] })(2, 3);
    expectTypeOf(both).toEqualTypeOf<[Tensor, Tensor]>();
    expect(both.map((g) => g.item())).toEqual([12, 9]);
  });

  test('hands auxiliary results through', () => {
    const f = (x: Tensor): [Tensor, { twice: Tensor; name: string }] => [
      x.mul(x),
      { twice: x.mul(2), name: 'aux' },
    ];
    const [g, aux] = grad(f, { hasAux: true })(3);
    expect([g.item(), aux.twice.item(), aux.name]).toEqual([6, 6, 'aux']);
    const [[value, { twice }], h] = valueAndGrad(f, { hasAux: true })(3);
    expect([value.item(), twice.item(), h.item()]).toEqual([9, 6, 6]);
  });

  test('is zero where the result does not depend on the argument', () => {
    expect(grad((x) => stopGradient(x).mul(2))(3).item()).toBe(0);
    expect(grad((_: Tensor) => tensor(5))(tensor([1, 2])).toArray()).toEqual([0, 0]);
  });

  test('gives the product of the others where a factor is zero', () => {
    expect(grad(prod)(tensor([0, 2, 3])).toArray()).toEqual([6, 0, 0]);
    expect(grad(prod)(tensor([0, 2, 0])).toArray()).toEqual([0, 0, 0]);
  });

  test('keeps the infinite slope of a branch that was not taken out of the result', () => {
    expect(grad((x) => where(x.gt(0), x.sqrt(), 0))(0).item()).toBe(0);
    expect(grad((x) => where(x.gt(0), x.mul(x.log()), 0))(0).item()).toBe(0);
  });

  test('lets plain JavaScript conditions see values', () => {
    const f = (x: Tensor): Tensor => (x.mul(2).item() > 1 ? x.square() : x.neg());
    expect(grad(f)(3).item()).toBe(6);
    expect(grad(f)(0.25).item()).toBe(-1);
    expect(grad(grad(f))(3).item()).toBe(2);
  });

  test('takes typed arrays in their dtype', () => {
    const g = grad((x: Tensor) => x.square().sum())(new Float32Array([1, 2]));
    expect(g.dtype).toBe('float32');
    expect(g.toArray()).toEqual([2, 4]);
  });

  test('refuses what has no derivative, and says which argument', () => {
    const f = (x: Tensor, { n }: { n: Tensor }): Tensor => x.mul(n).sum();
    const n = tensor([1, 2], { dtype: 'int32' });
    expect(() => grad(f, { argnums: [0, 1] })(1, { n })).toThrow(
      'grad: argument 1.n is int32 of shape [2]; derivatives exist for float32 and float64 only',
    );
    expect(() => grad((x: Tensor) => x)(tensor([1, 2]))).toThrow(
      'the function must return one float scalar; its result is float64 of shape [2]',
    );
    expect(() => grad((x: Tensor) => x, { argnums: 3 })(1)).toThrow('argnums names argument 3');
  });

  test('names a value that outlived the trace that made it', () => {
    let leaked: Tensor | undefined;
    grad((x) => {
      leaked = x.mul(2);
      return x;
    })(1);
    expect(() => leaked?.add(1)).toThrow('was kept after the grad that made it had ended');
  });
});

describe('jvp and vjp', () => {
  const f = (x: Tensor, y: Tensor): { p: Tensor; s: Tensor } => ({
    p: x.mul(y),
    s: sum(sin(x)),
  });
  const x = tensor([0.5, -1.5]);
  const y = tensor([2, 3]);

  test('agree by the dot-product test', () => {
    const dx = tensor([0.3, 0.7]);
    const dy = tensor([-1, 0.25]);
    const [, forward] = jvp(f, [x, y], [dx, dy]);
    const ct = { p: tensor([1.5, -2]), s: tensor(0.5) };
    const [, pullback] = vjp(f, x, y);
    const [ctX, ctY] = pullback(ct);
    const left = forward.p.mul(ct.p).sum().add(forward.s.mul(ct.s));
    const right = ctX.mul(dx).sum().add(ctY.mul(dy).sum());
    expect(left.item()).not.toBe(0);
    expect(left.item()).toBeCloseTo(right.item(), 14);
  });

  test('a pullback may be called many times', () => {
    const [value, pullback] = vjp((z: Tensor) => z.square(), x);
    expect(value.toArray()).toEqual([0.25, 2.25]);
    expect(pullback(tensor([1, 0]))[0].toArray()).toEqual([1, 0]);
    expect(pullback(tensor([0, 1]))[0].toArray()).toEqual([0, -3]);
  });

  test('linearize runs the function once and its linear part many times', () => {
    let runs = 0;
    const [value, push] = linearize((z: Tensor) => {
      runs += 1;
      return z.square();
    }, x);
    expect(value.toArray()).toEqual([0.25, 2.25]);
    expect(push(tensor([1, 1])).toArray()).toEqual([1, -3]);
    expect(push(tensor([2, 0])).toArray()).toEqual([2, 0]);
    expect(runs).toBe(1);
  });

  test('linearTranspose turns a sum into a broadcast', () => {
    const transposed = linearTranspose((z: Tensor) => z.mul(2).sum(), tensor([0, 0, 0]));
    expect(transposed(tensor(3))[0].toArray()).toEqual([6, 6, 6]);
  });

  test('refuse tangents and cotangents of another structure or shape', () => {
    expect(() => jvp((z: Tensor) => z, [x], [tensor([1, 2, 3])])).toThrow(
      'argument 0 has shape [2], its tangent [3]',
    );
    expect(() => vjp((z: Tensor) => z, x)[1](tensor(1))).toThrow(
      'shape [] (a scalar) was given where [2] is needed',
    );
  });
});
