import { foriLoop, grad, type Tensor, type TensorLike } from '@grad/core';
import { checkCount, checkSize } from '../check.ts';
import type { Model } from '../model.ts';
import { type AttackOptions, type Norm, settingOf, somewhere, steepest, within } from './attack.ts';

/** Options of `pgd`. */
export interface PgdOptions extends AttackOptions {
  /** `linf` when left out. */
  readonly norm?: Norm;
  /** 40 when left out. */
  readonly steps?: number;
  /** Length of a step; 2.5 eps / steps when left out. */
  readonly stepSize?: number;
  /** Starts at a random place of the ball; at x when left out. */
  readonly key?: Tensor;
}

/**
 * Projected gradient ascent of the cross entropy in a ball around x.
 *
 * @throws what `fgsm` throws; RangeError when steps or stepSize makes no sense.
 * @see A. Madry et al., Towards deep learning models resistant to adversarial attacks, arXiv:1706.06083.
 */
export function pgd(model: Model, x: TensorLike, y: TensorLike, options: PgdOptions): Tensor {
  const { eps, norm = 'linf', steps = 40, key } = options;
  const { x: start, objective, bounded } = settingOf('pgd', model, x, y, options);
  checkCount('pgd', 'steps', steps);
  const { stepSize = (2.5 * eps) / steps } = options;
  checkSize('pgd', 'stepSize', stepSize);
  if (norm !== 'linf' && norm !== 'l2') {
    throw new TypeError(`pgd: norm is ${String(norm)}; it must be 'linf' or 'l2'.`);
  }
  const slope = grad(objective);
  const first = key ? bounded(start.add(somewhere(norm, key, start, eps))) : start;
  return foriLoop(
    0,
    steps,
    (_i, at: Tensor) => {
      const moved = at.add(steepest(norm, slope(at)).mul(stepSize));
      return bounded(start.add(within(norm, moved.sub(start), eps)));
    },
    first,
  );
}
