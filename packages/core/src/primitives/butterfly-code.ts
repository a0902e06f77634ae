/**
 * Discrete Fourier transforms of a few numbers as straight-line code.
 *
 * A composite length r = a b is b transforms of length a, a multiplication by roots of unity, and a
 * transforms of length b (Cooley and Tukey 1965). For an odd prime the terms j and r - j share their
 * cosines and sines, so that sums and differences of the two halve the products (Singleton 1969).
 *
 * @see Cooley and Tukey, An algorithm for the machine calculation of complex Fourier series,
 *   Mathematics of Computation 19 (1965) 297-301.
 * @see Singleton, An algorithm for computing the mixed radix fast Fourier transform, IEEE Transactions
 *   on Audio and Electroacoustics 17 (1969) 93-103.
 */

import type { Expr } from '../kernel/expr.ts';
import { binary, constant, unary } from '../kernel/scalars.ts';
import { rootOfUnity } from './root-of-unity.ts';

/** A complex number of kernel code. */
export interface ComplexExpr {
  readonly re: Expr;
  readonly im: Expr;
}

function plus(x: Expr, y: Expr): Expr {
  return binary('add', x, y);
}

function minus(x: Expr, y: Expr): Expr {
  return binary('sub', x, y);
}

function scaled(x: Expr, by: number): Expr {
  return binary('mul', x, constant(x.type, by));
}

function sum(x: ComplexExpr, y: ComplexExpr): ComplexExpr {
  return { re: plus(x.re, y.re), im: plus(x.im, y.im) };
}

function difference(x: ComplexExpr, y: ComplexExpr): ComplexExpr {
  return { re: minus(x.re, y.re), im: minus(x.im, y.im) };
}

/** x exp(-2 pi i m / n). */
function turned(x: ComplexExpr, m: number, n: number): ComplexExpr {
  const eighths = (8 * (m % n)) / n;
  switch (eighths) {
    case 0:
      return x;
    case 2:
      return { re: x.im, im: unary('neg', x.re) };
    case 4:
      return { re: unary('neg', x.re), im: unary('neg', x.im) };
    case 6:
      return { re: unary('neg', x.im), im: x.re };
    case 1:
      return {
        re: scaled(plus(x.re, x.im), Math.SQRT1_2),
        im: scaled(minus(x.im, x.re), Math.SQRT1_2),
      };
    case 3:
      return {
        re: scaled(minus(x.im, x.re), Math.SQRT1_2),
        im: scaled(plus(x.re, x.im), -Math.SQRT1_2),
      };
    default: {
      const [c, s] = rootOfUnity(m, n);
      return {
        re: plus(scaled(x.re, c), scaled(x.im, s)),
        im: minus(scaled(x.im, c), scaled(x.re, s)),
      };
    }
  }
}

/** The factors of a composite length that are code of their own, the first of them. */
function splitOf(r: number): number | undefined {
  return [4, 3, 2, 5].find((a) => r % a === 0 && a !== r) ?? oddFactor(r);
}

function oddFactor(r: number): number | undefined {
  for (let a = 7; a * a <= r; a += 2) if (r % a === 0) return a;
  return undefined;
}

/** The transform y[k] = sum over j of x[j] exp(-2 pi i j k / r), r the number of elements. */
export function butterflyCode(x: readonly ComplexExpr[]): ComplexExpr[] {
  const r = x.length;
  if (r === 1) return [...x];
  if (r === 2) return pair(x);
  const a = r === 4 ? 2 : splitOf(r);
  return a === undefined ? oddPrime(x) : composite(x, a);
}

function pair([x, y]: readonly ComplexExpr[]): ComplexExpr[] {
  return x && y ? [sum(x, y), difference(x, y)] : [];
}

/** j = b j1 + j2 and k = k1 + a k2: transforms over j1, roots of unity, transforms over j2. */
function composite(x: readonly ComplexExpr[], a: number): ComplexExpr[] {
  const r = x.length;
  const b = r / a;
  const inner = Array.from({ length: b }, (_, j2) =>
    butterflyCode(x.filter((_, j) => j % b === j2)).map((y, k1) => turned(y, j2 * k1, r)),
  );
  const result = [...x];
  for (let k1 = 0; k1 < a; k1++) {
    const outer = butterflyCode(inner.flatMap((row) => row[k1] ?? []));
    outer.forEach((y, k2) => {
      result[k1 + a * k2] = y;
    });
  }
  return result;
}

function oddPrime([first, ...rest]: readonly ComplexExpr[]): ComplexExpr[] {
  if (!first) return [];
  const r = rest.length + 1;
  const half = rest.length / 2;
  const pairs = rest.slice(0, half).flatMap((x, j) => {
    const y = rest[r - 2 - j];
    return y ? [{ both: sum(x, y), apart: difference(x, y) }] : [];
  });
  const result: ComplexExpr[] = [pairs.reduce((all, { both }) => sum(all, both), first)];
  for (let k = 1; k <= half; k++) {
    const roots = pairs.map((_, j) => rootOfUnity((j + 1) * k, r));
    const even = (part: 're' | 'im'): Expr =>
      pairs.reduce(
        (all, { both }, j) => plus(all, scaled(both[part], roots[j]?.[0] ?? 0)),
        first[part],
      );
    const odd = (part: 're' | 'im'): Expr =>
      pairs
        .map(({ apart }, j) => scaled(apart[part], roots[j]?.[1] ?? 0))
        .reduce((all, term) => plus(all, term));
    const [re, im, up, down] = [even('re'), even('im'), odd('im'), odd('re')];
    result[k] = { re: plus(re, up), im: minus(im, down) };
    result[r - k] = { re: minus(re, up), im: plus(im, down) };
  }
  return result;
}
