import type { Tensor } from '../tensor/tensor.ts';
import { div, mul } from './arithmetic.ts';
import { le } from './compare.ts';
import { filledLike } from './create.ts';
import { abs } from './elementary.ts';
import { reduceMax } from './reduce.ts';
import { reshape } from './reshape.ts';
import { select } from './select.ts';
import { stopped } from './stop-gradient.ts';

/** 1 / x where the magnitude of x is beyond a bound, else 0. */
export function reciprocalBeyond(x: Tensor, bound: Tensor): Tensor {
  const near = le(abs(x), bound);
  const safe = select(near, filledLike(x, 1), x);
  return select(near, filledLike(x, 0), div(filledLike(x, 1), safe));
}

/** A share of the largest magnitude in each row, as `[..., 1]`; it counts as constant. */
export function shareOfLargest(x: Tensor, share: number): Tensor {
  const last = x.shape.length - 1;
  const shares = stopped(mul(filledLike(x, share), abs(x)));
  return reshape(reduceMax(shares, { axes: [last] }), { shape: x.shape.with(last, 1) });
}
