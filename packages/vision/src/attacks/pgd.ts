import { foriLoop, grad, random, type Tensor, type TensorLike } from '@grad/core';
import { checkCount, checkSize } from '../check.ts';
import { floatOf, type Model, perRow, rowsOf } from '../model.ts';
import { type AttackOptions, type Norm, settingOf, steepest, within } from './attack.ts';

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

/** A change that is uniform in the ball. */
function somewhere(norm: Norm, key: Tensor, x: Tensor, eps: number): Tensor {
  const { shape } = x;
  const dtype = floatOf(x);
  if (norm === 'linf') return random.uniform(key, shape, { low: -eps, high: eps, dtype });
  const [first, second] = random.split(key);
  const rows = rowsOf(x);
  const size = x.size / Math.max(1, rows);
  const radius = random.uniform(second, [rows], { dtype }).pow(1 / size);
  const direction = steepest('l2', random.normal(first, shape, { dtype }));
  return direction.mul(perRow(radius.mul(eps), x));
}
