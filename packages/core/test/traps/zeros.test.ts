// Zero times infinity. Products of zeros, branches that are not taken, and coefficients that are
// infinite where nothing moves gave NaN.

import {
  grad,
  hvp,
  jvp,
  log,
  maximum,
  mul,
  prod,
  sqrt,
  sum,
  type Tensor,
  tensor,
  vmap,
  where,
} from '@grad/core';
import { describe, expect, test } from 'vitest';
import { tangentMul } from '../../src/primitives/index.ts';
import { backends, on } from './../laws/backends.ts';

describe.each(backends)('on the %s backend', (_, backend) => {
  const gradient = (f: (x: Tensor) => Tensor, x: number[] | number): unknown =>
    on(backend, () => grad(f)(tensor(x)).toArray());

  test('the gradient of a product with a zero is the product of the others', () => {
    expect(gradient((x) => prod(x), [0, 2, 3])).toEqual([6, 0, 0]);
    expect(gradient((x) => prod(x), [2, 0, 3, 0])).toEqual([0, 0, 0, 0]);
    expect(gradient((x) => prod(x), [2, 3, 5])).toEqual([15, 10, 6]);
  });

  test('the second derivative of a product with zeros is the product of the rest', () => {
    const mixed = (x: Tensor): Tensor => sum(grad((y: Tensor) => prod(y))(x));
    expect(gradient(mixed, [0, 0, 3])).toEqual([3, 3, 0]);
  });

  test('a branch that is not taken contributes nothing, whatever its slope', () => {
    const root = (x: Tensor): Tensor => where(x.gt(0), sqrt(x), 0);
    expect(gradient(root, 0)).toBe(0);
    expect(gradient(root, 4)).toBe(0.25);
    expect(gradient((x) => sum(where(x.gt(0), log(x), x)), [-1, 0, 2])).toEqual([1, 1, 0.5]);
    const forward = on(backend, () => jvp(root, [tensor(0)], [tensor(1)])[1].item());
    expect(forward).toBe(0);
  });

  test('so does its second derivative, and under vmap', () => {
    const root = (x: Tensor): Tensor => where(x.gt(0), sqrt(x), 0);
    expect(gradient(grad(root), 0)).toBe(0);
    expect(gradient(grad(root), 4)).toBe(-1 / 32);
    const mapped = on(backend, () => vmap(grad(root))(tensor([0, 4])).toArray());
    expect(mapped).toEqual([0, 0.25]);
    const curvature = (x: number): number =>
      on(backend, () => hvp(root, tensor(x), tensor(1)).item());
    expect(curvature(0)).toBe(0);
    expect(curvature(4)).toBe(-1 / 32);
    const third = (x: number): number =>
      on(backend, () => jvp((y: Tensor) => hvp(root, y, tensor(1)), [x], [1])[1].item());
    expect(third(0)).toBe(0);
    expect(third(4)).toBe(3 / 256);
  });

  test('a zero tangent stays zero beside an infinite or missing coefficient', () => {
    const coefficients = tensor([Number.POSITIVE_INFINITY, Number.NaN, 2]);
    const result = on(backend, () => tangentMul(coefficients, tensor([0, -0, 3])).toArray());
    expect(result).toEqual([0, 0, 6]);
    expect(on(backend, () => mul(coefficients, tensor([0, 0, 3])).toArray())).toEqual([
      Number.NaN,
      Number.NaN,
      6,
    ]);
  });

  test('equal operands of a maximum share its derivative', () => {
    expect(gradient((x) => maximum(x, x), 3)).toBe(1);
    expect(gradient((x) => maximum(x, 3), 3)).toBe(0.5);
    expect(gradient((x) => sum(x.max()), [1, 5, 5, 2])).toEqual([0, 0.5, 0.5, 0]);
  });

  test('the derivative through integers is zero, and not the operand', () => {
    const truncated = (x: Tensor): Tensor => x.astype('int32').astype('float64');
    expect(gradient(truncated, 7.5)).toBe(0);
    expect(gradient((x) => truncated(x).mul(x), 7.5)).toBe(7);
  });
});

test('an integer has no derivative to ask for', () => {
  const whole = tensor(3, { dtype: 'int32' });
  expect(() => grad((x) => x.mul(1.5))(whole)).toThrow(/int32.*float32 and float64 only/);
});
