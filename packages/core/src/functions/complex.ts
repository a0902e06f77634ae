/**
 * Complex numbers as pairs of real tensors, `{ re, im }`. What is given as a tensor or a number is real.
 *
 * The gradient of a real function of a pair is the pair of its derivatives in the real and the imaginary
 * parts: the direction in which the function grows.
 */

import { zeros } from '../primitives/create.ts';
import { stopped } from '../primitives/stop-gradient.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { type Complex, type ComplexLike, type MaybeReal, toMaybeReal } from './complex-pair.ts';
import * as real from './elementwise.ts';
import { promote, stretchAll, toFloat } from './promote.ts';
import { atan2 } from './special.ts';

export type { Complex, ComplexLike } from './complex-pair.ts';

/** Two operands in one dtype and their broadcast shape. */
function aligned(
  name: string,
  given: readonly [ComplexLike, ComplexLike],
): readonly [MaybeReal, MaybeReal] {
  const pairs = given.map((x) => toMaybeReal(name, x));
  const parts = pairs.flatMap(({ re, im }) => (im ? [re, im] : [re]));
  const queue = stretchAll(name, promote(name, parts));
  const [x, y] = pairs.map(({ im: own }): MaybeReal => {
    const [re, im] = queue.splice(0, own ? 2 : 1);
    if (!re) throw new Error('unreachable');
    return { re, im };
  });
  if (!x || !y) throw new Error('unreachable');
  return [x, y];
}

function whole({ re, im }: MaybeReal): Complex {
  return { re, im: im ?? zeros(typeOf(re)) };
}

function multiplied(x: MaybeReal, y: MaybeReal): Complex {
  if (!y.im) return { re: real.mul(x.re, y.re), im: real.mul(whole(x).im, y.re) };
  if (!x.im) return { re: real.mul(x.re, y.re), im: real.mul(x.re, y.im) };
  return {
    re: real.sub(real.mul(x.re, y.re), real.mul(x.im, y.im)),
    im: real.add(real.mul(x.re, y.im), real.mul(x.im, y.re)),
  };
}

/**
 * The elementwise product; shapes broadcast.
 *
 * @throws ShapeError when shapes do not broadcast, or parts of one operand differ in shape.
 */
export function mul(x: ComplexLike, y: ComplexLike): Complex {
  return multiplied(...aligned('complex.mul', [x, y]));
}

/**
 * The elementwise quotient; shapes broadcast. The divisor is scaled by its larger part, so that its square
 * does not overflow (Smith 1962).
 *
 * @throws ShapeError when shapes do not broadcast, or parts of one operand differ in shape.
 */
export function div(x: ComplexLike, y: ComplexLike): Complex {
  const [dividend, divisor] = aligned('complex.div', [x, y]);
  if (!divisor.im) {
    const { re, im } = whole(dividend);
    return { re: real.div(re, divisor.re), im: real.div(im, divisor.re) };
  }
  const size = largerPart(divisor.re, divisor.im);
  const [re, im] = [real.div(divisor.re, size), real.div(divisor.im, size)];
  const by = real.mul(size, real.add(real.square(re), real.square(im)));
  const product = multiplied(dividend, { re, im: real.neg(im) });
  return { re: real.div(product.re, by), im: real.div(product.im, by) };
}

/** The conjugate: the imaginary part with the other sign. */
export function conj(x: ComplexLike): Complex {
  const { re, im } = whole(toMaybeReal('complex.conj', x));
  return { re, im: real.neg(im) };
}

/** The larger of the magnitudes of two parts, as a constant. */
function largerPart(re: Tensor, im: Tensor): Tensor {
  return stopped(real.maximum(real.abs(re), real.abs(im)));
}

/** The absolute value, without overflow on the way; its derivative at 0 is 0. */
export function abs(x: ComplexLike): Tensor {
  const { re, im } = toMaybeReal('complex.abs', x);
  if (!im) return real.abs(re);
  const size = largerPart(re, im);
  const root = real.sqrt(
    real.add(real.square(real.div(re, size)), real.square(real.div(im, size))),
  );
  const usual = real.logicalAnd(real.isfinite(size), real.gt(size, 0));
  return real.where(usual, real.mul(size, root), size);
}

/** The square of the absolute value, re^2 + im^2: smooth everywhere, unlike `abs`. */
export function abs2(x: ComplexLike): Tensor {
  const { re, im } = toMaybeReal('complex.abs2', x);
  return im ? real.add(real.square(re), real.square(im)) : real.square(re);
}

/** The angle to the positive real axis, in radians from -pi to pi. */
export function angle(x: ComplexLike): Tensor {
  const { re, im } = whole(toMaybeReal('complex.angle', x));
  return atan2(im, re);
}

/**
 * Complex numbers of given absolute values and angles, in radians; shapes broadcast.
 *
 * @throws ShapeError when shapes do not broadcast.
 */
export function fromPolar(radius: TensorLike, theta: TensorLike): Complex {
  const name = 'complex.fromPolar';
  const [r, phi] = stretchAll(
    name,
    promote(name, [radius, theta]).map((x) => toFloat(x)),
  );
  if (!r || !phi) throw new Error('unreachable');
  return { re: real.mul(r, real.cos(phi)), im: real.mul(r, real.sin(phi)) };
}
