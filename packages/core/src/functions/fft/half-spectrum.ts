/**
 * Transforms of real numbers, of which one half of the result is the other's conjugate.
 *
 * For an even n, z[j] = x[2 j] + i x[2 j + 1] is transformed at half the cost. With
 * E[k] = (Z[k] + conj Z[n/2 - k]) / 2 and D[k] = (Z[k] - conj Z[n/2 - k]) / 2, the transforms of the even
 * elements and i times those of the odd ones, X[k] = E[k] - i exp(-2 pi i k / n) D[k].
 *
 * @see Cooley, Lewis and Welch, The fast Fourier transform algorithm: programming considerations in the
 *   calculation of sine, cosine and Laplace transforms, Journal of Sound and Vibration 12 (1970) 315-337.
 */

import { add, neg, sub } from '../../primitives/arithmetic.ts';
import { broadcast } from '../../primitives/broadcast.ts';
import { zeros } from '../../primitives/create.ts';
import { fourier } from '../../primitives/fourier.ts';
import { mapParts, type Parts, product } from '../../primitives/fourier-transform.ts';
import { reshape } from '../../primitives/reshape.ts';
import { slice } from '../../primitives/slice.ts';
import type { DType } from '../../tensor/dtype.ts';
import { type Tensor, typeOf } from '../../tensor/tensor.ts';
import { along, joined } from './lines.ts';
import { fourierTable, halfTurn } from './tables.ts';

/** The tables of a transform of n real numbers. */
export function halfTables(n: number, dtype: DType): Tensor[] {
  return n % 2 === 0 ? [fourierTable(n / 2, dtype), halfTurn(n, dtype)] : [fourierTable(n, dtype)];
}

/** exp(-2 pi i k / n) along an axis, for each k of a half spectrum. */
function turns(table: Tensor, like: Tensor, axis: number): Parts {
  const { shape } = like;
  const count = shape[axis] ?? 0;
  const part = (which: number): Tensor => {
    const row = slice(table, { start: [which, 0], extents: [1, count], step: [1, 1] });
    return broadcast(reshape(row, { shape: [count] }), { shape, axes: [axis] });
  };
  return { re: part(0), im: part(1) };
}

/** Elements k from 0 to n / 2 of the transform of n real numbers along an axis. */
export function toHalf(
  x: Tensor,
  axis: number,
  [table, turn]: readonly Tensor[],
  scale: number,
): Parts {
  if (!table) throw new Error('unreachable');
  const n = x.shape[axis] ?? 0;
  if (!turn) {
    const whole = fourier({ re: x, im: zeros(typeOf(x)) }, table, { axis, inverse: false, scale });
    return mapParts(whole, (part) => along(part, axis, 0, (n + 1) / 2));
  }
  const [even, odd] = [along(x, axis, 0, n / 2, 2), along(x, axis, 1, n / 2, 2)];
  const half = fourier({ re: even, im: odd }, table, { axis, inverse: false, scale: scale / 2 });
  const there = mapParts(half, (part) => joined(axis, part, along(part, axis, 0, 1)));
  const back = mapParts(there, (part) => along(part, axis, n / 2, n / 2 + 1, -1));
  const apart = { re: sub(there.re, back.re), im: add(there.im, back.im) };
  const turned = product(apart, turns(turn, there.re, axis));
  return {
    re: add(add(there.re, back.re), turned.im),
    im: sub(sub(there.im, back.im), turned.re),
  };
}

/** The n real numbers, n times, whose transform begins with given elements. */
export function fromHalf(
  x: Parts,
  axis: number,
  n: number,
  [table, turn]: readonly Tensor[],
  scale: number,
): Tensor {
  if (!table) throw new Error('unreachable');
  const count = x.re.shape[axis] ?? 0;
  const nothing = zeros(typeOf(along(x.im, axis, 0, 1)));
  if (!turn) {
    const rest = mapParts(x, (part) => along(part, axis, count - 1, count - 1, -1));
    const im = joined(axis, nothing, along(x.im, axis, 1, count - 1), neg(rest.im));
    const whole = { re: joined(axis, x.re, rest.re), im };
    return fourier(whole, table, { axis, inverse: true, scale }).re;
  }
  const there = { re: x.re, im: joined(axis, nothing, along(x.im, axis, 1, count - 2), nothing) };
  const back = mapParts(there, (part) => along(part, axis, count - 1, count, -1));
  const apart = { re: add(there.im, back.im), im: sub(there.re, back.re) };
  const turned = product(apart, turns(turn, there.re, axis));
  const half = {
    re: sub(add(there.re, back.re), turned.re),
    im: add(sub(there.im, back.im), turned.im),
  };
  const cut = mapParts(half, (part) => along(part, axis, 0, n / 2));
  const { re, im } = fourier(cut, table, { axis, inverse: true, scale });
  const { shape } = re;
  const apartShape = shape.toSpliced(axis + 1, 0, 1);
  const pair = joined(
    axis + 1,
    reshape(re, { shape: apartShape }),
    reshape(im, { shape: apartShape }),
  );
  return reshape(pair, { shape: shape.with(axis, n) });
}
