/**
 * Fast Fourier transforms of any length, from other primitives.
 *
 * Steps are those of Stockham's method, which leaves nothing to be sorted (Van Loan 1992, section 1.7).
 * When transforms of length l are done, of every (n / l)-th element each, they lie as `[l, n / l]`. A step
 * of radix r reads this as `[l, r, n / (l r)]`, multiplies element (k, j) by exp(-2 pi i j k / (l r)), makes
 * transforms of length r along the middle, and writes `[r, l, n / (l r)]`, which is `[l r, n / (l r)]`. The
 * inner loop of all steps but the last goes along neighbours, and what comes after the axis in memory only
 * makes it longer.
 *
 * A prime r that has no code of its own is done as a convolution (Bluestein 1970): with
 * j k = (j^2 + k^2 - (k - j)^2) / 2, X[k] = c[k] sum over j of (x[j] c[j]) conj c[k - j],
 * c[j] = exp(-pi i j^2 / r), and the convolution is a product of transforms of a convenient length of at
 * least 2 r - 1.
 *
 * @see Van Loan, Computational Frameworks for the Fast Fourier Transform (SIAM 1992).
 * @see Bluestein, A linear filtering approach to the computation of the discrete Fourier transform, IEEE
 *   Transactions on Audio and Electroacoustics 18 (1970) 451-455.
 * @see Frigo and Johnson, The design and implementation of FFTW3, Proceedings of the IEEE 93 (2005) 216-231,
 *   on such steps and their combination.
 */

import type { Tensor } from '../tensor/tensor.ts';
import { tensorType } from '../tensor/type.ts';
import { add, mul, sub } from './arithmetic.ts';
import { broadcast } from './broadcast.ts';
import { butterfly, partOf } from './butterfly.ts';
import { concatenate } from './concatenate.ts';
import { zeros } from './create.ts';
import type { ChirpPlan, FourierPlan } from './fourier-plan.ts';
import { reshape } from './reshape.ts';
import { slice } from './slice.ts';
import { transpose } from './transpose.ts';

/** Real and imaginary parts of complex numbers. */
export interface Parts {
  readonly re: Tensor;
  readonly im: Tensor;
}

export function product(x: Parts, y: Parts): Parts {
  return {
    re: sub(mul(x.re, y.re), mul(x.im, y.im)),
    im: add(mul(x.re, y.im), mul(x.im, y.re)),
  };
}

/** Real and imaginary parts exchanged. */
export function swapped({ re, im }: Parts): Parts {
  return { re: im, im: re };
}

export function mapParts({ re, im }: Parts, f: (x: Tensor) => Tensor): Parts {
  return { re: f(re), im: f(im) };
}

/** Entries of a table `[2, entries]` in a shape, along axes of another one. */
function entries(
  table: Tensor,
  from: number,
  own: readonly number[],
  perm: readonly number[],
  shape: readonly number[],
  axes: readonly number[],
): Parts {
  const count = own.reduce((size, extent) => size * extent, 1);
  const part = (which: number): Tensor => {
    const cut = slice(table, { start: [which, from], extents: [1, count], step: [1, 1] });
    const made = transpose(reshape(cut, { shape: own }), { perm });
    return broadcast(made, { shape, axes });
  };
  return { re: part(0), im: part(1) };
}

/** The transform along the middle axis of `[a, n, s]`, by a table made for the plan. */
export function transformed(x: Parts, plan: FourierPlan, table: Tensor): Parts {
  const [a = 0, n = 0, s = 0] = x.re.shape;
  return plan.steps.reduce((parts, step) => {
    const { radix: r, done: l } = step;
    const shape = [a, l, r, (n / (l * r)) * s];
    const rows = mapParts(parts, (part) => reshape(part, { shape }));
    const turned =
      l === 1 ? rows : product(rows, entries(table, step.roots, [r, l], [1, 0], shape, [1, 2]));
    const made = step.chirp ? byChirp(turned, step.radix, step.chirp, table) : byButterfly(turned);
    return mapParts(made, (part) => reshape(part, { shape: [a, n, s] }));
  }, x);
}

function byButterfly({ re, im }: Parts): Parts {
  const made = butterfly(re, im);
  return { re: partOf(made, 0), im: partOf(made, 1) };
}

/** `[a, l, r, s]` to `[a, r, l, s]` by a convolution. */
function byChirp(x: Parts, r: number, { chirp, spectrum, inner }: ChirpPlan, table: Tensor): Parts {
  const [a = 0, l = 0, , s = 0] = x.re.shape;
  const { length } = inner;
  const shape = [a * l, r, s];
  const rows = mapParts(x, (part) => reshape(part, { shape }));
  const own = entries(table, chirp, [r], [0], shape, [1]);
  const padding = zeros(tensorType(table.dtype, [a * l, length - r, s]));
  const padded = mapParts(product(rows, own), (part) => concatenate([part, padding], { axis: 1 }));
  const wide = [a * l, length, s];
  const there = product(
    transformed(padded, inner, table),
    entries(table, spectrum, [length], [0], wide, [1]),
  );
  const back = swapped(transformed(swapped(there), inner, table));
  const cut = mapParts(back, (part) =>
    slice(part, { start: [0, 0, 0], extents: shape, step: [1, 1, 1] }),
  );
  return mapParts(product(cut, own), (part) =>
    transpose(reshape(part, { shape: [a, l, r, s] }), { perm: [0, 2, 1, 3] }),
  );
}
