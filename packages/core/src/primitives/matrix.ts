/** Operations on matrices `[..., m, n]` in the rules of other operations. */
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, mul } from './arithmetic.ts';
import { filledLike } from './create.ts';
import { dot } from './dot.ts';
import { matrixTranspose } from './matrices.ts';
import { reshape } from './reshape.ts';
import { slice } from './slice.ts';

/** The product of matrices that have the same leading axes. */
export function multiply(x: Tensor, y: Tensor): Tensor {
  const lead = x.shape.slice(0, -2);
  const flat = (t: Tensor): Tensor => reshape(t, { shape: [sizeOf(lead), ...t.shape.slice(-2)] });
  const product = dot(flat(x), flat(y));
  return reshape(product, { shape: [...lead, ...product.shape.slice(-2)] });
}

/** (x + x') / 2. */
export function symmetric(x: Tensor): Tensor {
  return mul(filledLike(x, 0.5), add(x, matrixTranspose(x)));
}

/** So many rows from one on. */
export function rows(x: Tensor, first: number, count: number): Tensor {
  const axis = x.shape.length - 2;
  return slice(x, {
    start: x.shape.map((_, i) => (i === axis ? first : 0)),
    extents: x.shape.with(axis, count),
    step: x.shape.map(() => 1),
  });
}
