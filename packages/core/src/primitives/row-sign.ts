import {
  type Affine,
  affineConst,
  affineLoop,
  affineScale,
  affineShift,
} from '../kernel/affine.ts';
import type { Expr, Scalar } from '../kernel/expr.ts';
import { binary, compare, constant, select } from '../kernel/scalars.ts';
import { abs } from './kernel-matrix.ts';
import { mul } from './kernel-pair.ts';
import type { MutableScalar, NestBuilder } from './nest-builder.ts';

/** How much of the largest magnitude an element has that gives a vector its sign. */
const enough = 0.9;

/**
 * The sign that makes the first element positive whose magnitude is near that of the largest. Elements of
 * the same magnitude, up to rounding, are common; of two the first then decides.
 */
export function signOf(
  k: NestBuilder,
  type: Scalar,
  extent: number,
  read: (at: Affine) => Expr,
): MutableScalar {
  const largest = k.reduce('max', [extent], ([at = affineConst(0)]) => abs(read(at)));
  const bound = k.local(type, mul(constant(type, enough), largest));
  const one = constant(type, 1);
  const sign = k.local(type, one);
  k.sequential(extent, (loop) => {
    const element = read(affineShift(affineScale(affineLoop(loop), -1), extent - 1));
    const decides = compare('ge', abs(element), bound.get());
    sign.set(select(decides, binary('copysign', one, element), sign.get()));
  });
  return sign;
}

/** The same for numbers at hand. */
export function signOfNumbers(x: ArrayLike<number>): number {
  const values = Array.from(x);
  const largest = Math.max(...values.map(Math.abs));
  const first = values.find((value) => Math.abs(value) >= enough * largest) ?? 1;
  return first < 0 || Object.is(first, -0) ? -1 : 1;
}
