import {
  argmax,
  broadcastTo,
  eye,
  foriLoop,
  gather,
  maximum,
  oneHot,
  type Tensor,
  type TensorLike,
  vjp,
  vmap,
  where,
} from '@grad/core';
import { checkCount, checkSize } from '../check.ts';
import { asBatch, type Model, perRow, rowSums, rowsOf } from '../model.ts';
import { lengths } from './attack.ts';

/** Options of `deepFool`. */
export interface DeepFoolOptions {
  /** 50 when left out. */
  readonly steps?: number;
  /** How far beyond the border the change is stretched at the end; 0.02 when left out. */
  readonly overshoot?: number;
}

/** What `deepFool` finds. */
export interface DeepFoolResult {
  /** The changed batch. */
  readonly x: Tensor;
  /** Euclidean length of each change, `[n]`. */
  readonly distance: Tensor;
  /** Whether the class of each row changed, bool `[n]`. */
  readonly fooled: Tensor;
}

/**
 * The way to the nearest border of the predicted class, as if the model were linear, again and again until
 * the class changes. For a linear model the distance is exact.
 *
 * @param x batch `[n, ...]`; the model gives scores `[n, classes]`
 * @throws DTypeError when x is no batch of floats; RangeError when an option makes no sense.
 * @see S. Moosavi-Dezfooli, A. Fawzi and P. Frossard, arXiv:1511.04599, algorithm 2.
 */
export function deepFool(
  model: Model,
  x: TensorLike,
  options: DeepFoolOptions = {},
): DeepFoolResult {
  const { steps = 50, overshoot = 0.02 } = options;
  checkCount('deepFool', 'steps', steps);
  checkSize('deepFool', 'overshoot', overshoot);
  const start = asBatch('deepFool', x);
  const first = model(start);
  const { dtype } = start;
  const classes = first.shape.at(-1) ?? 0;
  if (first.ndim !== 2 || first.shape[0] !== rowsOf(start) || classes < 2) {
    throw new RangeError(
      `deepFool: the model gives [${first.shape.join(', ')}]; it must give scores of two classes or more, [${rowsOf(start)}, classes].`,
    );
  }
  const own = argmax(first, { axis: 1 });
  const isOwn = oneHot(own, classes).ne(0);
  const at = (change: Tensor): Tensor => start.add(change.mul(1 + overshoot));
  const moved = foriLoop(
    0,
    steps,
    (_i, change: Tensor) => {
      const here = at(change);
      const [scores, pullback] = vjp(model, here);
      const slopes = vmap((direction: Tensor) => pullback(broadcastTo(direction, scores.shape))[0])(
        eye(classes).astype(dtype),
      );
      const mine = gather(scores, own.expandDims(1));
      const ownSlope = slopesOf(slopes, own, classes);
      const ways = slopes.sub(ownSlope.expandDims(0));
      const squares = vmap((way: Tensor) => rowSums(way.square()))(ways).transpose();
      const gaps = mine.sub(scores);
      const distances = where(
        isOwn,
        Number.POSITIVE_INFINITY,
        gaps.abs().div(maximum(squares, 1e-30).sqrt()),
      );
      const nearest = argmax(distances.neg(), { axis: 1 });
      const gap = gather(gaps, nearest.expandDims(1)).squeeze(1);
      const square = maximum(gather(squares, nearest.expandDims(1)).squeeze(1), 1e-30);
      const way = slopesOf(ways, nearest, classes);
      const step = way.mul(perRow(gap.abs().div(square), here));
      const isThere = argmax(scores, { axis: 1 }).ne(own);
      return change.add(where(perRow(isThere, here), 0, step));
    },
    start.mul(0),
  );
  const end = at(moved);
  return {
    x: end,
    distance: lengths(end.sub(start)),
    fooled: argmax(model(end), { axis: 1 }).ne(own),
  };
}

/** Of slopes `[classes, n, ...]` those of one class for each row, `[n, ...]`. */
function slopesOf(slopes: Tensor, index: Tensor, classes: number): Tensor {
  const chosen = oneHot(index, classes, { dtype: slopes.dtype }).transpose();
  const axes = slopes.shape.slice(2).map(() => 1);
  return slopes.mul(chosen.reshape([...chosen.shape, ...axes])).sum({ axis: 0 });
}
