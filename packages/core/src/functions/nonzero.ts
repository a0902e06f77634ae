import { broadcast } from '../primitives/broadcast.ts';
import { iota } from '../primitives/create.ts';
import { cumsum } from '../primitives/cumulative.ts';
import { scatterSet } from '../primitives/scatter.ts';
import { checkOptions } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { checkCount, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType } from '../tensor/type.ts';
import { isConcrete } from '../trace/trace.ts';
import { full } from './create.ts';
import { logicalAnd, lt, maximum, ne, sub, where } from './elementwise.ts';
import { take } from './index-by-tensor.ts';
import { sum } from './reduce.ts';
import { at, reshape } from './shape.ts';
import { asTensor } from './tensor.ts';

/** How many positions to give. */
export interface NonzeroOptions {
  /**
   * Number of positions in the result: those behind it are left out, and missing ones filled in. As
   * many as there are when left out, which needs values: not under `jit` or `vmap`.
   */
  readonly size?: number;
  /** What stands for missing positions; 0 when left out. */
  readonly fill?: number;
}

/**
 * Positions of the elements that are not 0, in row-major order: for each axis of x an int32 vector of
 * `size` positions along it. NaN is not 0.
 *
 * @throws ShapeError for a scalar, which has no positions, and when the size is not a whole number.
 * @throws TypeError without a size, where values are not known.
 */
export function nonzero(x: TensorLike, options: NonzeroOptions = {}): Tensor[] {
  checkOptions('nonzero', options, ['size', 'fill']);
  const { size, fill = 0 } = options;
  const made = asTensor(x, 'nonzero');
  if (made.ndim === 0) {
    throw new ShapeError('nonzero: a scalar has no positions; compare it with ne(0) instead.');
  }
  if (size === undefined && !isConcrete(made)) {
    throw new TypeError(
      `nonzero: how many elements of ${describeType(made.type)} are not 0 is unknown while the function is recorded; say how many positions to give: nonzero(x, { size }).`,
    );
  }
  const mask = ne(reshape(made, [made.size]), 0);
  const count = size ?? sum(mask).item();
  if (!Number.isInteger(count) || count < 0) {
    throw new ShapeError(`nonzero: the size is a whole number >= 0, not ${count}.`);
  }
  checkCount('nonzero', [count + 1]);
  if (!Number.isInteger(fill)) {
    throw new ShapeError(`nonzero: the fill is a position, a whole number, not ${fill}.`);
  }
  if (made.size === 0) return made.shape.map(() => full([count], fill, { dtype: 'int32' }));
  // Each element that counts goes to its place, all others to one place more, which is cut off.
  const rank = sub(cumsum(mask.astype('int32'), { axis: 0, reverse: false }), 1);
  const place = where(logicalAnd(mask, lt(rank, count)), rank, count);
  const missing = full([count + 1], -1, { dtype: 'int32' });
  const all = iota([], { size: made.size, dtype: 'int32' });
  const found = at(scatterSet(missing, place, all, { batch: 0 }), [0, count]);
  return made.shape.map((extent, axis) => {
    const along = iota([], { size: extent, dtype: 'int32' });
    const positions = reshape(broadcast(along, { shape: made.shape, axes: [axis] }), [made.size]);
    return where(lt(found, 0), fill, take(positions, maximum(found, 0)));
  });
}
