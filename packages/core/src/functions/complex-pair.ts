import { isFloat } from '../tensor/dtype.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { isNdarray } from '../tensor/ndarray.ts';
import { formatShape, ShapeError, sameShape } from '../tensor/shape.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { promote, toFloat } from './promote.ts';
import { asTensor } from './tensor.ts';

/** Complex numbers: their real and imaginary parts, of one shape and float dtype. */
export interface Complex {
  readonly re: Tensor;
  readonly im: Tensor;
}

/** What becomes complex numbers where they are needed; what is no pair is real. */
export type ComplexLike = TensorLike | { readonly re: TensorLike; readonly im: TensorLike };

/** Complex numbers of which the imaginary parts may be known to be 0. */
export interface MaybeReal {
  readonly re: Tensor;
  readonly im: Tensor | undefined;
}

/** Whether a value is a pair of real and imaginary parts. */
export function isPair(x: unknown): x is { readonly re: TensorLike; readonly im: TensorLike } {
  return (
    typeof x === 'object' && x !== null && !isTensor(x) && !isNdarray(x) && ('re' in x || 'im' in x)
  );
}

/** A pair in floats of one dtype and shape, or real numbers. */
export function toMaybeReal(name: string, x: ComplexLike): MaybeReal {
  if (!isPair(x)) return { re: toFloat(x, name), im: undefined };
  const parts = [asTensor(x.re, name, 're'), asTensor(x.im, name, 'im')] as const;
  const [first, second] = parts;
  if (!sameShape(first.shape, second.shape)) {
    throw new ShapeError(
      `${name}: re has shape ${formatShape(first.shape)} and im ${formatShape(second.shape)}; both parts have one shape, so use broadcastTo, or zeros where there is no imaginary part.`,
    );
  }
  const [re, im] = promote(name, parts);
  if (!re || !im) throw new Error('unreachable');
  return isFloat(re.dtype) ? { re, im } : { re: toFloat(re), im: toFloat(im) };
}
