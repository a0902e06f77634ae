import { cast } from '../primitives/cast.ts';
import { permute, sortOrder } from '../primitives/sort-order.ts';
import { checkOptions } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { formatShape, normalizeAxis, ShapeError, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { gather } from './gather.ts';
import { type AxisIndex, at, moveAxis } from './shape.ts';
import { asTensor } from './tensor.ts';

/** How to sort. */
export interface SortOptions {
  /** Axis to sort along; the last unless said otherwise. */
  readonly axis?: number;
  /** Whether large elements come first. */
  readonly descending?: boolean;
}

/** The order along an axis, and the axis; masks are sorted as 0 and 1. */
function orderOf(
  name: string,
  x: Tensor,
  options: SortOptions,
): { readonly order: Tensor; readonly along: number } {
  checkOptions(name, options, ['axis', 'descending']);
  const { axis = -1, descending = false } = options;
  const along = normalizeAxis(name, axis, x.shape);
  const keys = x.dtype === 'bool' ? cast(x, { dtype: 'int32' }) : x;
  return { order: sortOrder(moveAxis(keys, along, -1), { descending }), along };
}

/**
 * The elements sorted along an axis. Equal elements keep their order, 0 and -0 are equal, and NaN
 * comes last, also when descending. The derivative follows the elements to their places.
 *
 * With a `payload`, tensors of the shape of x are put into the same order, and the result is
 * `[sorted, ...payload]`.
 *
 * @throws ShapeError when a payload has another shape than x.
 */
export function sort<const P extends readonly TensorLike[]>(
  x: TensorLike,
  options: SortOptions & { readonly payload: P },
): [Tensor, ...{ -readonly [K in keyof P]: Tensor }];
export function sort(x: TensorLike, options?: SortOptions): Tensor;
export function sort(
  x: TensorLike,
  given: SortOptions & { readonly payload?: readonly TensorLike[] } = {},
): Tensor | Tensor[] {
  checkOptions('sort', given, ['axis', 'descending', 'payload']);
  const { payload, ...options } = given;
  const made = asTensor(x, 'sort');
  const { order, along } = orderOf('sort', made, options);
  const sorted = (t: Tensor): Tensor =>
    moveAxis(permute(moveAxis(t, along, -1), order, { inverse: false }), -1, along);
  if (!payload) return sorted(made);
  const others = payload.map((p, i) => asTensor(p, 'sort', `payload ${i}`));
  const wrong = others.findIndex(({ shape }) => !sameShape(shape, made.shape));
  if (wrong >= 0) {
    throw new ShapeError(
      `sort: payload ${wrong} has shape ${formatShape(others[wrong]?.shape ?? [])}; it must be that of x, ${formatShape(made.shape)}. To sort whole slices, use take with argsort.`,
    );
  }
  return [made, ...others].map(sorted);
}

/**
 * The positions of the elements of an axis in sorted order, as int32: `gather(x, argsort(x))` is
 * `sort(x)`. Equal elements keep their order, and NaN comes last, also when descending.
 */
export function argsort(x: TensorLike, options: SortOptions = {}): Tensor {
  const { order, along } = orderOf('argsort', asTensor(x, 'argsort'), options);
  return moveAxis(at(order, ...leading(order), 0), -1, along);
}

function leading(order: Tensor): null[] {
  return order.shape.slice(0, -2).map(() => null);
}

/**
 * The k largest elements along an axis, the last unless said otherwise, in descending order, and
 * their positions as int32: `[values, positions]`. Of equal elements the first come first; NaN
 * counts as less than all others, as it does in `sort`.
 *
 * @throws ShapeError when k is not a whole number from 0 to the extent of the axis.
 */
export function topK(
  x: TensorLike,
  k: number,
  options: { axis?: number } = {},
): [values: Tensor, positions: Tensor] {
  checkOptions('topK', options, ['axis']);
  const { axis = -1 } = options;
  const made = asTensor(x, 'topK');
  const { order, along } = orderOf('topK', made, { axis, descending: true });
  const extent = made.shape[along] ?? 0;
  if (!Number.isInteger(k) || k < 0 || k > extent) {
    throw new ShapeError(
      `topK: k = ${k}; it must be a whole number from 0 to ${extent}, the extent of axis ${axis} of shape ${formatShape(made.shape)}.`,
    );
  }
  const first: readonly AxisIndex[] = [...leading(order), 0, [0, k]];
  const positions = moveAxis(at(order, ...first), -1, along);
  return [gather(made, positions, { axis: along }), positions];
}
