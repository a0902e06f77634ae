import { take } from '../primitives/take.ts';
import { checkChoice, checkOptions } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { ShapeError, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType } from '../tensor/type.ts';
import {
  abs,
  add,
  clip,
  floor,
  ge,
  le,
  logicalAnd,
  mod,
  mul,
  round,
  sub,
  where,
} from './elementwise.ts';
import { promote } from './promote.ts';
import { at, expandDims, moveAxis, reshape } from './shape.ts';

/** How `gridSample` reads between and beyond the elements. */
export interface GridSampleOptions {
  /** Between elements: linear along each axis, or the nearest element; `bilinear` when left out. */
  readonly mode?: 'bilinear' | 'nearest';
  /** Beyond x: zeros, the nearest element of the border, or x mirrored at it; `zeros` when left out. */
  readonly padding?: 'zeros' | 'border' | 'reflect';
  /**
   * Whether -1 and 1 are the centers of the first and last element, or the outer edges of these
   * (false, when left out).
   */
  readonly alignCorners?: boolean;
}

/** Positions along an axis, in elements, of coordinates of which -1 and 1 are its ends. */
function toElements(
  coordinate: Tensor,
  extent: number,
  { padding = 'zeros', alignCorners = false }: GridSampleOptions,
): Tensor {
  const scale = (alignCorners ? extent - 1 : extent) / 2;
  const place = add(mul(coordinate, scale), (extent - 1) / 2);
  if (padding === 'zeros') return place;
  const last = Math.max(0, extent - 1);
  if (padding === 'border') return clip(place, 0, last);
  // Mirrored at the first and last element, or at their outer edges: a triangle wave.
  const low = alignCorners ? 0 : -0.5;
  const span = alignCorners ? last : extent;
  if (span === 0) return mul(place, 0);
  const wave = mod(sub(place, low), 2 * span);
  return clip(sub(low + span, abs(sub(wave, span))), 0, last);
}

/** One element along an axis: its position, the weight it has, and whether it lies in x. */
interface Corner {
  readonly position: Tensor;
  readonly weight: Tensor | undefined;
  readonly inside: Tensor;
}

function cornersOf(place: Tensor, extent: number, mode: 'bilinear' | 'nearest'): Corner[] {
  const corner = (position: Tensor, weight: Tensor | undefined): Corner => ({
    position: clip(position, 0, extent - 1).astype('int32'),
    weight,
    inside: logicalAnd(ge(position, 0), le(position, extent - 1)),
  });
  if (mode === 'nearest') return [corner(round(place), undefined)];
  const first = floor(place);
  const share = sub(place, first);
  return [corner(first, sub(1, share)), corner(add(first, 1), share)];
}

/**
 * Samples of x at the points of a grid, by interpolation: the layer of spatial transformers, of
 * warped images and textures. Differentiable in x and, in mode `bilinear`, in the grid.
 *
 * x has shape `[n, c, h, w]` and the grid `[n, p, q, 2]`, or `[n, c, d, h, w]` and `[n, o, p, q, 3]`;
 * the result is `[n, c, p, q]` or `[n, c, o, p, q]`. The last axis of the grid holds (x, y) or
 * (x, y, z), counted along the last axis of x first, from -1 at one end to 1 at the other.
 *
 * Conventions are those of PyTorch's `grid_sample`, but for the derivative of a point exactly on the
 * border that `padding` clips to: it is shared, as that of `clip`.
 *
 * @throws ShapeError when the shapes do not fit or x has no elements along an axis.
 * @see Jaderberg, Simonyan, Zisserman and Kavukcuoglu, Spatial Transformer Networks, NIPS 2015.
 */
export function gridSample(
  x: TensorLike,
  grid: TensorLike,
  options: GridSampleOptions = {},
): Tensor {
  checkOptions('gridSample', options, ['mode', 'padding', 'alignCorners']);
  const { mode = 'bilinear', padding = 'zeros' } = options;
  checkChoice('gridSample', 'the mode', mode, ['bilinear', 'nearest']);
  checkChoice('gridSample', 'the padding', padding, ['zeros', 'border', 'reflect']);
  const [image, points] = promote('gridSample', [x, grid]);
  if (!image || !points) throw new Error('unreachable');
  const count = image.ndim - 2;
  const extents = image.shape.slice(2);
  const fits =
    (count === 2 || count === 3) &&
    points.ndim === image.ndim &&
    points.shape.at(-1) === count &&
    points.shape[0] === image.shape[0] &&
    !extents.includes(0);
  if (!fits) {
    throw new ShapeError(
      `gridSample: x of shape [n, c, h, w] with a grid of shape [n, p, q, 2], or [n, c, d, h, w] with [n, o, p, q, 3], is needed; got ${describeType(image.type)} and ${describeType(points.type)}.`,
    );
  }
  const [batch = 0, channels = 0] = image.shape;
  const picked = points.shape.slice(1, -1);
  const flat = reshape(points, [batch, sizeOf(picked), count]);
  const corners = extents.map((extent, axis) => {
    const place = toElements(at(flat, null, null, count - 1 - axis), extent, options);
    return cornersOf(place, extent, mode);
  });
  // Elements of x by their row-major position, channels last: [n, h w, c].
  const rows = moveAxis(reshape(image, [batch, channels, sizeOf(extents)]), 1, -1);
  const terms = combinations(corners).map((chosen) => {
    const position = chosen
      .map((corner) => corner.position)
      .reduce((offset, next, axis) => add(mul(offset, extents[axis] ?? 1), next));
    const inside = chosen.map((corner) => corner.inside).reduce(logicalAnd);
    const weights = chosen.flatMap(({ weight }) => weight ?? []);
    const value = take(rows, position, { batch: 1 });
    const weighted = weights.length > 0 ? mul(value, expandDims(weights.reduce(mul), -1)) : value;
    return where(expandDims(inside, -1), weighted, 0);
  });
  const samples = terms.reduce((sum, term) => add(sum, term));
  return reshape(moveAxis(samples, -1, 1), [batch, channels, ...picked]);
}

/** Every choice of one corner along each axis. */
function combinations(corners: readonly (readonly Corner[])[]): Corner[][] {
  return corners.reduce<Corner[][]>(
    (chosen, next) => chosen.flatMap((others) => next.map((corner) => [...others, corner])),
    [[]],
  );
}
