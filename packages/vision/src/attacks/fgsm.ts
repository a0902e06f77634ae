import { grad, sign, type Tensor, type TensorLike } from '@grad/core';
import type { Model } from '../model.ts';
import { type AttackOptions, settingOf } from './attack.ts';

/**
 * The fast gradient sign method: one step of eps in every element, where the cross entropy rises.
 *
 * @param x batch `[n, ...]`
 * @param y classes, int32 `[n]`, or one for all
 * @returns the changed batch, within the bounds
 * @throws DTypeError or ShapeError when x is no batch of floats or y no classes; RangeError when eps is
 *   negative or the bounds have nothing between them.
 * @see I. Goodfellow, J. Shlens and C. Szegedy, arXiv:1412.6572.
 */
export function fgsm(model: Model, x: TensorLike, y: TensorLike, options: AttackOptions): Tensor {
  const { x: start, objective, bounded } = settingOf('fgsm', model, x, y, options);
  return bounded(start.add(sign(grad(objective)(start)).mul(options.eps)));
}
