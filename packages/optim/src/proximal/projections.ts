/**
 * Projections: the nearest points of convex sets. Each gives a function of a tensor, to be used with
 * `projectedGradient` or inside other functions; they can be compiled, mapped and differentiated.
 *
 * @module
 */

import {
  arange,
  cumsum,
  maximum,
  minimum,
  sort,
  sqrt,
  type Tensor,
  type TensorLike,
  tensor,
  where,
} from '@grad/core';

/** A function that gives the nearest point of a set. */
export type Projection = (x: Tensor) => Tensor;

/** Elements within bounds, which are broadcast. */
export function box(lower: TensorLike, upper: TensorLike): Projection {
  return (x) => minimum(maximum(x, lower), upper);
}

/** Elements of 0 or more. */
export function nonNegative(): Projection {
  return (x) => maximum(x, 0);
}

/**
 * Vectors of elements of 0 or more that sum to `total`; all elements of a tensor count as one vector.
 *
 * @throws RangeError when `total` is not above 0.
 * @see J. Duchi et al., Efficient projections onto the l1-ball for learning in high dimensions (2008), figure 1.
 */
export function simplex(total = 1): Projection {
  checkRadius('simplex', 'total', total);
  return (x) => {
    const flat = x.reshape([x.size]);
    const falling = sort(flat.neg()).neg();
    const counts = arange(x.size).add(1).astype(x.dtype);
    const thresholds = cumsum(falling).sub(total).div(counts);
    // The last place whose element is above its threshold; thresholds rise up to there.
    const active = where(falling.gt(thresholds), thresholds, Number.NEGATIVE_INFINITY);
    return maximum(x.sub(active.max()), 0);
  };
}

/**
 * Tensors whose absolute values sum to at most `radius`.
 *
 * @throws RangeError when the radius is not above 0.
 */
export function l1Ball(radius = 1): Projection {
  checkRadius('l1Ball', 'radius', radius);
  const onto = simplex(radius);
  return (x) => {
    const size = x.abs();
    const onSphere = onto(size).mul(where(x.lt(0), -1, 1));
    return where(size.sum().le(radius), x, onSphere);
  };
}

/**
 * Tensors of Euclidean norm at most `radius`.
 *
 * @throws RangeError when the radius is not above 0.
 */
export function l2Ball(radius = 1): Projection {
  checkRadius('l2Ball', 'radius', radius);
  return (x) => {
    const square = x.square().sum();
    const isOutside = square.gt(radius * radius);
    const norm = sqrt(where(isOutside, square, 1));
    return x.mul(where(isOutside, tensor(radius).astype(x.dtype).div(norm), 1));
  };
}

function checkRadius(name: string, what: string, value: number): void {
  if (value > 0) return;
  throw new RangeError(`projections.${name}: ${what} is ${value}; give a number above 0.`);
}
