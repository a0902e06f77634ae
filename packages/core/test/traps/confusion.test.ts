// Perturbation confusion: an inner derivative that sees the variable of an outer one as its own.
// See Siskind and Pearlmutter, Perturbation confusion and referential transparency (2005).

import {
  foriLoop,
  grad,
  jit,
  jvp,
  sin,
  type Tensor,
  tensor,
  vjp,
  vmap,
  whileLoop,
} from '@grad/core';
import { describe, expect, test } from 'vitest';

type Derivative = (f: (x: Tensor) => Tensor, x: Tensor) => Tensor;

const modes: readonly (readonly [string, Derivative])[] = [
  ['forward', (f, x) => jvp(f, [x], [1])[1]],
  ['reverse', (f, x) => grad(f)(x)],
  ['pullback', (f, x) => vjp(f, x)[1](tensor(1))[0]],
  ['compiled', (f, x) => jit(grad(f))(x)],
];

const pairs = modes.flatMap(([outerName, outer]) =>
  modes.map(([innerName, inner]) => [outerName, innerName, outer, inner] as const),
);

describe.each(pairs)('%s over %s', (_outer, _inner, outer, inner) => {
  test('keeps two variables apart that meet in a sum', () => {
    const f = (x: Tensor): Tensor => x.mul(inner((y) => x.add(y), tensor(1)));
    expect(outer(f, tensor(5)).item()).toBe(1);
  });

  test('keeps them apart where the inner point depends on the outer variable', () => {
    const f = (x: Tensor): Tensor => inner((y) => x.mul(y).mul(y), x.mul(2));
    expect(f(tensor(3)).item()).toBe(36);
    expect(outer(f, tensor(3)).item()).toBe(24);
  });

  test('keeps them apart inside a loop', () => {
    const f = (x: Tensor): Tensor =>
      foriLoop(0, 3, (_, c: Tensor) => c.mul(inner((y) => y.mul(x).mul(c.mul(0).add(1)), c)), x);
    expect(f(tensor(2)).item()).toBe(16);
    expect(outer(f, tensor(2)).item()).toBe(32);
  });
});

test('a derivative of a loop of unknown length around a derivative is that of what it computes', () => {
  const doubled = (x: Tensor): Tensor =>
    whileLoop(
      (c) => c.lt(100),
      (c) => c.mul(grad((y: Tensor) => y.mul(x))(c)),
      x,
    );
  expect(doubled(tensor(3)).item()).toBe(243);
  expect(grad(doubled)(3).item()).toBe(405);
});

test('vmap over a derivative that closes over another mapped value keeps rows apart', () => {
  const f = (x: Tensor): Tensor => grad((y: Tensor) => sin(y).mul(x))(x.mul(2));
  const xs = [0.1, 0.7, 1.9];
  vmap(f)(tensor(xs))
    .dataSync()
    .forEach((value, i) => {
      const x = xs[i] ?? 0;
      expect(value).toBeCloseTo(x * Math.cos(2 * x), 14);
    });
});
