import {
  argsort,
  broadcastTo,
  isTensor,
  moveAxis,
  ShapeError,
  scan,
  softmax,
  type Tensor,
  type TensorLike,
  tensor,
  where,
} from '@grad/core';
import { checkCount } from '../check.ts';
import {
  asBatch,
  baselineOf,
  type Model,
  pickScore,
  rowsOf,
  type TargetOptions,
} from '../model.ts';

/** Options of `insertionDeletion`. */
export interface InsertionDeletionOptions extends TargetOptions {
  /** What stands in the place of elements that are not there; broadcast to x; 0 when left out. */
  readonly baseline?: TensorLike;
  /** Parts in which elements come or go; 50 when left out. */
  readonly steps?: number;
  /**
   * What is followed: the probability of the target (softmax of the scores; when left out), or its score itself. Where
   * the model has one score for each row, it is that score.
   */
  readonly measure?: 'probability' | 'score';
}

/** What is followed along the share of elements that came or went. */
export interface Curve {
  /** Of each row at the shares 0, 1 / steps, ..., 1: `[n, steps + 1]`. */
  readonly values: Tensor;
  /** The mean along it by the trapezoidal rule, `[n]`. */
  readonly area: Tensor;
}

/** Both curves of `insertionDeletion`. */
export interface InsertionDeletion {
  /** From the baseline to x: the larger the area, the better. */
  readonly insertion: Curve;
  /** From x to the baseline: the smaller the area, the better. */
  readonly deletion: Curve;
}

/**
 * Whether an attribution has found what matters: elements of x are put into the baseline, or taken out of x, the ones
 * with the highest attribution first, and the target is followed on the way.
 *
 * @param x batch `[n, ...]`
 * @param attribution of the shape of x, or without its axis of channels, as `gradCam` has it, whose elements then
 *   come and go in all channels together
 * @throws what `saliency` throws; ShapeError when the attribution has another shape; RangeError when steps is no whole
 *   number of 1 or more.
 * @see V. Petsiuk, A. Das and K. Saenko, RISE, arXiv:1806.07421, section 4.2 and algorithm 1.
 */
export function insertionDeletion(
  model: Model,
  x: TensorLike,
  attribution: TensorLike,
  options: InsertionDeletionOptions = {},
): InsertionDeletion {
  const name = 'insertionDeletion';
  const { baseline = 0, steps = 50, measure = 'probability', target } = options;
  checkCount(name, 'steps', steps);
  if (measure !== 'probability' && measure !== 'score') {
    throw new TypeError(
      `${name}: measure is ${String(measure)}; it must be 'probability' or 'score'.`,
    );
  }
  const made = asBatch(name, x);
  const ranks = ranksOf(name, isTensor(attribution) ? attribution : tensor(attribution), made);
  const empty = baselineOf(name, made, baseline);
  const scores = model(made);
  const { pick } = pickScore(name, scores, made, target);
  const isProbability = measure === 'probability' && scores.ndim === 2;
  const of = (z: Tensor): Tensor => {
    const y = model(z);
    return pick(isProbability ? softmax(y, { axis: 1 }) : y);
  };
  const shares = Float64Array.from({ length: steps + 1 }, (_, k) => k / steps);
  const [, curves] = scan(
    (none: null, share: Tensor) => {
      const isFirst = ranks.lt(share);
      return [none, [of(where(isFirst, made, empty)), of(where(isFirst, empty, made))] as const];
    },
    null,
    tensor(shares),
  );
  return { insertion: curveOf(curves[0], steps), deletion: curveOf(curves[1], steps) };
}

function curveOf(along: Tensor, steps: number): Curve {
  const values = moveAxis(along, 0, 1);
  const inner = values.sum({ axis: 1 });
  const ends = values.at(null, 0).add(values.at(null, steps)).div(2);
  return { values, area: inner.sub(ends).div(steps) };
}

/** Of each element the share of its row's that come before it, in the shape of x. */
function ranksOf(name: string, attribution: Tensor, x: Tensor): Tensor {
  const rows = rowsOf(x);
  const withoutChannels = [rows, ...x.shape.slice(2)];
  const shape = attribution.shape.join();
  const isWhole = shape === x.shape.join();
  if (!isWhole && (x.ndim < 3 || shape !== withoutChannels.join())) {
    const other = x.ndim < 3 ? '' : ` or [${withoutChannels.join(', ')}]`;
    throw new ShapeError(
      `${name}: the attribution has shape [${attribution.shape.join(', ')}]; that of x is [${x.shape.join(', ')}], so it must be that${other}.`,
    );
  }
  const size = attribution.size / Math.max(1, rows);
  const order = argsort(attribution.reshape([rows, size]), { axis: 1, descending: true });
  const ranks = argsort(order, { axis: 1 }).astype('float64').div(size);
  if (isWhole) return ranks.reshape(x.shape);
  return broadcastTo(ranks.reshape(withoutChannels).expandDims(1), x.shape);
}
