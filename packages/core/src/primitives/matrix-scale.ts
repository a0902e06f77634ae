import type { Expr } from '../kernel/expr.ts';
import { binary, compare, constant, fromWords, sameBits, wordOf } from '../kernel/scalars.ts';
import { int } from './kernel-matrix.ts';
import { sub } from './kernel-pair.ts';
import type { MutableScalar, NestBuilder } from './nest-builder.ts';

/** How a matrix is scaled while it is worked on. */
export interface Scale {
  /** Whether its size is a number at all. */
  readonly finite: Expr;
  readonly scale: MutableScalar;
  readonly unscale: MutableScalar;
}

/**
 * The power of two that brings a matrix with a largest magnitude of `size` near 1, as far as there is one, and its
 * inverse. Squares are in range then, and what they lose is nothing beside the matrix.
 */
export function scaleFor(k: NestBuilder, size: Expr): Scale {
  const double = size.type === 'float64';
  // An exponent field of `top` / 2 stands for 1.
  const [bits, top] = double ? [20, 2046] : [23, 254];
  const pattern = double ? wordOf(size, 1) : sameBits('int32', size);
  const field = binary('and', binary('shr_u', pattern, int(bits)), int(top + 1));
  const inverse = binary('min', binary('max', sub(int(top), field), int(1)), int(top - 1));
  const own = k.local('int32', inverse);
  const power = (exponent: Expr): MutableScalar => {
    const word = binary('shl', exponent, int(bits));
    return k.local(size.type, double ? fromWords(int(0), word) : sameBits('float32', word));
  };
  return {
    finite: compare('lt', size, constant(size.type, Number.POSITIVE_INFINITY)),
    scale: power(own.get()),
    unscale: power(sub(int(top), own.get())),
  };
}
