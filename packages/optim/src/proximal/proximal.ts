/**
 * Proximal operators: for a penalty g, the x of least g(x) + |x - v|² / (2 step). Each gives a function of v
 * and the step, to be used with `proximalGradient`.
 *
 * @module
 */

import { maximum, sign, sqrt, type Tensor, where } from '@grad/core';
import { checkSize } from '../options.ts';

/** The proximal operator of a penalty. */
export type Proximal = (v: Tensor, step: Tensor) => Tensor;

/**
 * Of `weight` times the sum of absolute values: shrinks each element, to exactly 0 where it is small.
 *
 * @throws RangeError when the weight is negative.
 */
export function l1(weight: number): Proximal {
  checkSize('proximal.l1', 'weight', weight);
  return (v, step) => sign(v).mul(maximum(v.abs().sub(step.mul(weight)), 0));
}

/**
 * Of `weight` times the sum of Euclidean norms of groups, which lie along an axis (the last when left out): whole groups
 * become exactly 0.
 *
 * @throws RangeError when the weight is negative.
 * @see M. Yuan and Y. Lin, Model selection and estimation in regression with grouped variables (2006).
 */
export function group(weight: number, axis = -1): Proximal {
  checkSize('proximal.group', 'weight', weight);
  return (v, step) => {
    const square = v.square().sum({ axis, keepdims: true });
    const norm = sqrt(where(square.gt(0), square, 1));
    const kept = maximum(step.mul(weight).div(norm).neg().add(1), 0);
    return v.mul(where(square.gt(0), kept, 0));
  };
}
