// What the theory of Fourier transforms says, and what transforms of functions make of them.

import {
  at,
  complex,
  explain,
  fft,
  grad,
  hvp,
  jit,
  jvp,
  roll,
  sum,
  type Tensor,
  tensor,
  vjp,
  vmap,
} from '@grad/core';
import { checkGrads, dotProductTest } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { mixed } from './long-transform.ts';

type Pair = complex.Complex;

function pair(shape: readonly number[], seed = 1): Pair {
  const n = shape.reduce((size, extent) => size * extent, 1);
  return {
    re: tensor(mixed(n, seed)).reshape(shape),
    im: tensor(mixed(n, seed + 3)).reshape(shape),
  };
}

/** The largest difference of two tensors or pairs. */
function apart(x: Tensor | Pair, y: Tensor | Pair): number {
  if ('re' in x && 're' in y) return Math.max(apart(x.re, y.re), apart(x.im, y.im));
  if ('re' in x || 're' in y) throw new Error('a pair and a tensor');
  expect(x.shape).toEqual(y.shape);
  const other = y.dataSync();
  return Array.from(x.dataSync(), (a, i) => Math.abs(a - (other[i] ?? Number.NaN))).reduce(
    (most, difference) => Math.max(most, difference),
    0,
  );
}

const lengths = [1, 2, 7, 8, 12, 37, 100, 1024];

describe('a transform', () => {
  test.each(lengths)('of %i elements keeps the sum of squares (Parseval)', (n) => {
    const x = pair([n]);
    const there = fft.fft(x, { norm: 'ortho' });
    const [before, after] = [x, there].map((y) => sum(complex.abs2(y)).item());
    expect(Math.abs((after ?? 0) / (before ?? 1) - 1)).toBeLessThan(1e-14);
  });

  test.each(lengths)('of %i elements turns a shift into a rotation', (n) => {
    const x = pair([n]);
    const by = 3 % n;
    const moved = fft.fft({ re: roll(x.re, by), im: roll(x.im, by) });
    const angles = Float64Array.from({ length: n }, (_, k) => (-2 * Math.PI * ((k * by) % n)) / n);
    expect(apart(moved, complex.mul(fft.fft(x), complex.fromPolar(1, angles)))).toBeLessThan(1e-13);
  });

  test.each(lengths)('of %i elements is undone by its inverse, either way round', (n) => {
    const x = pair([2, n]);
    expect(apart(fft.ifft(fft.fft(x)), x)).toBeLessThan(1e-14);
    expect(apart(fft.fft(fft.ifft(x)), x)).toBeLessThan(1e-14);
    expect(apart(fft.irfft(fft.rfft(x.re), { n }), x.re)).toBeLessThan(1e-14);
  });

  test.each([7, 8, 37])('of %i elements is linear, and the mirror image of the inverse', (n) => {
    const [x, y] = [pair([n]), pair([n], 5)];
    const both = { re: x.re.add(y.re.mul(2)), im: x.im.add(y.im.mul(2)) };
    const [left, right] = [fft.fft(x), fft.fft(y)];
    const expected = { re: left.re.add(right.re.mul(2)), im: left.im.add(right.im.mul(2)) };
    expect(apart(fft.fft(both), expected)).toBeLessThan(1e-13);
    const mirrored = complex.conj(fft.fft(complex.conj(x)));
    expect(apart(fft.ifft(x, { norm: 'forward' }), mirrored)).toBeLessThan(1e-13);
  });

  test('in several dimensions is undone by its inverse', () => {
    const x = pair([3, 4, 5]);
    expect(apart(fft.ifftn(fft.fftn(x)), x)).toBeLessThan(1e-14);
    expect(apart(fft.ifft2(fft.fft2(x)), x)).toBeLessThan(1e-14);
    expect(apart(fft.irfftn(fft.rfftn(x.re), { shape: [3, 4, 5] }), x.re)).toBeLessThan(1e-14);
  });
});

/** Functions of a pair of shape [3, n], all linear. */
const maps: readonly (readonly [name: string, n: number, f: (x: Pair) => Pair | Tensor])[] = [
  ...[1, 2, 5, 8, 12, 37].flatMap((n): [string, number, (x: Pair) => Pair | Tensor][] => [
    [`fft of ${n}`, n, (x) => fft.fft(x)],
    [`ifft of ${n} with norm ortho`, n, (x) => fft.ifft(x, { norm: 'ortho' })],
    [`rfft of ${n}`, n, (x) => fft.rfft(x.re.add(x.im.mul(2)))],
    [`irfft of ${n} elements to ${2 * n - 1}`, n, (x) => fft.irfft(x, { n: 2 * n - 1 })],
    [`irfft of ${n} elements to ${2 * n}`, n, (x) => fft.irfft(x, { n: 2 * n })],
  ]),
  ['fft along the first axis', 4, (x) => fft.fft(x, { axis: 0 })],
  ['fft2', 4, (x) => fft.fft2(x)],
  ['fft2 of real numbers', 6, (x) => fft.fft2(x.re.sub(x.im))],
  ['rfft2', 6, (x) => fft.rfft2(x.re.sub(x.im))],
  ['irfft2', 4, (x) => fft.irfft2(x)],
  ['fft cut and filled up', 5, (x) => fft.fft(fft.fft(x, { n: 3 }), { n: 6 })],
];

describe('derivatives', () => {
  test.each(maps)('of %s: reverse mode is the transpose of forward mode', (_, n, f) => {
    expect(dotProductTest(f, pair([3, n])).relativeError).toBeLessThan(1e-13);
    const x = pair([3, n]);
    const [value, tangent] = jvp<[Pair], Pair | Tensor>(f, [x], [x]);
    expect(apart(tangent, value)).toBeLessThan(1e-12);
  });

  test.each([
    ['fft', 6, (x: Pair) => fft.fft(x)],
    ['fft of a prime length', 37, (x: Pair) => fft.fft(x)],
    ['ifft2', 4, (x: Pair) => fft.ifft2(x)],
    ['rfft', 6, (x: Pair) => fft.rfft(x.re.mul(x.im))],
    ['irfft', 4, (x: Pair) => ({ re: fft.irfft(x), im: fft.irfft(x, { n: 6 }) })],
  ] as const)('of a power spectrum by %s are those of differences, to second order', (_, n, f) => {
    const loss = (x: Pair): Tensor => {
      const { re, im } = f(x);
      return re.mul(re).add(im.mul(im)).add(1).log().sum();
    };
    checkGrads(loss, [pair([2, n])], { order: 2 });
    checkGrads(jit(loss), [pair([2, n])], { order: 1 });
  });

  test('of half the sum of squares of a spectrum is n times the signal, as a pair', () => {
    const x = pair([12]);
    const g = grad((y: Pair) => sum(complex.abs2(fft.fft(y))).mul(0.5))(x);
    expect(apart(g, { re: x.re.mul(12), im: x.im.mul(12) })).toBeLessThan(1e-13);
  });

  test('with respect to real input is real, and the Hessian of a quadratic is a transform again', () => {
    const weights = tensor(mixed(7, 11));
    const loss = (y: Tensor): Tensor => sum(complex.abs2(fft.rfft(y)).mul(weights)).mul(0.5);
    const x = tensor(mixed(12, 2));
    const v = tensor(mixed(12, 4));
    const turned = jit((y: Tensor, u: Tensor) => hvp(loss, y, u))(x, v);
    const [, pullback] = vjp((y: Tensor) => fft.rfft(y), x);
    const { re, im } = fft.rfft(v);
    const [expected] = pullback({ re: re.mul(weights), im: im.mul(weights) });
    expect(apart(turned, expected)).toBeLessThan(1e-13);
    expect(Math.max(...turned.dataSync().map(Math.abs))).toBeGreaterThan(0.1);
  });

  test('through a Poisson solve are those of the equation', () => {
    // -u'' = f on a circle of length 2 pi; the loss (u, w) has the gradient A^-1 w.
    const n = 48;
    const grid = Float64Array.from({ length: n }, (_, j) => (2 * Math.PI * j) / n);
    const waves = fft.rfftfreq(n, { spacing: 1 / n });
    const inverse = tensor(waves.dataSync().map((k) => (k === 0 ? 0 : 1 / (k * k))));
    const solve = (f: Tensor): Tensor => fft.irfft(complex.mul(fft.rfft(f), inverse), { n });
    const f = tensor(grid.map((x) => 4 * Math.sin(2 * x) + 9 * Math.cos(3 * x)));
    const exact = tensor(grid.map((x) => Math.sin(2 * x) + Math.cos(3 * x)));
    expect(apart(solve(f), exact)).toBeLessThan(1e-14);
    const w = tensor(grid.map((x) => Math.sin(x) - 25 * Math.cos(5 * x)));
    const adjoint = tensor(grid.map((x) => Math.sin(x) - Math.cos(5 * x)));
    const gradient = jit(grad((g: Tensor) => sum(solve(g).mul(w))))(f);
    // w is as large as 26, and rounding errors go by that.
    expect(apart(gradient, adjoint)).toBeLessThan(26e-15);
  });
});

describe('under jit and vmap', () => {
  test.each(maps)('%s is the same compiled', (_, n, f) => {
    const x = pair([3, n]);
    expect(apart(jit(f)(x), f(x))).toBeLessThan(1e-13);
  });

  test.each([0, 1, 2])('a batch on axis %i is transformed line by line', (axis) => {
    for (const n of [4, 5, 37]) {
      const shape = [2, n].toSpliced(axis, 0, 3);
      const x = pair(shape);
      const part = (y: Tensor, i: number): Tensor =>
        at(y, ...shape.map((_, a) => (a === axis ? i : null)));
      const lines = vmap((y: Pair) => fft.fft(y), { inAxes: axis, outAxes: axis })(x);
      const halves = vmap((y: Tensor) => fft.rfft(y), { inAxes: axis, outAxes: axis })(x.re);
      for (let i = 0; i < 3; i++) {
        const own = { re: part(x.re, i), im: part(x.im, i) };
        expect(apart({ re: part(lines.re, i), im: part(lines.im, i) }, fft.fft(own))).toBeLessThan(
          1e-13,
        );
        const half = fft.rfft(own.re);
        expect(apart({ re: part(halves.re, i), im: part(halves.im, i) }, half)).toBeLessThan(1e-13);
      }
    }
  });

  test('all steps of a large batch are made for some of its lines at a time', () => {
    const x = pair([1000, 256]);
    const f = jit((y: Pair) => fft.fft(y));
    expect(`${explain(f, x)}`).toMatch(/for b < \d+:/);
    const whole = f(x);
    for (const row of [0, 7, 8, 997, 999]) {
      const line = { re: at(x.re, row), im: at(x.im, row) };
      expect(apart({ re: at(whole.re, row), im: at(whole.im, row) }, fft.fft(line))).toBe(0);
    }
  });

  test('a batch of real parts with shared imaginary parts is transformed line by line', () => {
    const x = pair([3, 8]);
    const im = tensor(mixed(8, 21));
    const f = (re: Tensor, shared: Tensor): Pair => fft.fft({ re, im: shared });
    const lines = vmap(f, { inAxes: [0, null] })(x.re, im);
    expect(
      apart(lines, fft.fft({ re: x.re, im: tensor([0, 0, 0]).reshape([3, 1]).add(im) })),
    ).toBeLessThan(1e-13);
  });
});
