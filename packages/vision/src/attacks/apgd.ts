import {
  gather,
  logicalAnd,
  logicalNot,
  logicalOr,
  oneHot,
  ones,
  scan,
  sort,
  type Tensor,
  type TensorLike,
  tensor,
  vjp,
  where,
  zeros,
} from '@grad/core';
import { crossEntropy } from '@grad/nn';
import { checkCount } from '../check.ts';
import { floatOf, type Model, perRow, rowsOf } from '../model.ts';
import { type AttackOptions, type Norm, settingOf, somewhere, steepest, within } from './attack.ts';

/** Options of `apgd`. */
export interface ApgdOptions extends AttackOptions {
  /** `linf` when left out. */
  readonly norm?: Norm;
  /** 100 when left out. */
  readonly steps?: number;
  /** Starts at a random place of the ball; at x when left out. */
  readonly key?: Tensor;
  /**
   * What is to rise: the cross entropy (when left out), or the difference of logits ratio, which does not change
   * with the scale of the scores, and needs three classes or more.
   */
  readonly loss?: 'crossEntropy' | 'dlr';
}

/** A batch of places, with the loss of each row and its slope. */
interface Place {
  readonly x: Tensor;
  readonly loss: Tensor;
  readonly slope: Tensor;
}

interface State {
  readonly here: Place;
  readonly before: Tensor;
  readonly best: Place;
  readonly stepSize: Tensor;
  /** Steps since the last check at which the loss rose. */
  readonly rises: Tensor;
  /** Whether the step size was not halved at the last check, and the best loss there. */
  readonly wasKept: Tensor;
  readonly bestThen: Tensor;
}

/**
 * Projected gradient ascent that chooses its step sizes itself, for each row: with momentum, from steps of
 * 2 eps on, and at certain times, when too few steps made the loss rise or the best one did not change, half as long
 * from the best place on.
 *
 * @returns for each row the place of the highest loss on the way, within eps and the bounds
 * @throws what `fgsm` throws; RangeError when steps makes no sense; TypeError when the loss `dlr` is to be targeted or
 *   has less than three classes.
 * @see F. Croce and M. Hein, Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free
 *   attacks, arXiv:2003.01690, algorithm 1 and equation (6).
 */
export function apgd(model: Model, x: TensorLike, y: TensorLike, options: ApgdOptions): Tensor {
  const { eps, norm = 'linf', steps = 100, key, loss: kind = 'crossEntropy', targeted } = options;
  const { x: start, labels, bounded } = settingOf('apgd', model, x, y, options);
  checkCount('apgd', 'steps', steps);
  if (norm !== 'linf' && norm !== 'l2') {
    throw new TypeError(`apgd: norm is ${String(norm)}; it must be 'linf' or 'l2'.`);
  }
  if (kind !== 'crossEntropy' && kind !== 'dlr') {
    throw new TypeError(`apgd: loss is ${String(kind)}; it must be 'crossEntropy' or 'dlr'.`);
  }
  if (kind === 'dlr' && targeted === true) {
    throw new TypeError("apgd: the loss 'dlr' has no target here; use 'crossEntropy'.");
  }
  const lossOf = (z: Tensor): Tensor =>
    kind === 'dlr'
      ? logitRatio(model(z), labels)
      : crossEntropy(model(z), labels, { reduction: 'none' }).mul(targeted === true ? -1 : 1);
  const at = (z: Tensor): Place => {
    const [loss, pullback] = vjp(lossOf, z);
    return { x: z, loss, slope: pullback(ones(loss.shape, { dtype: floatOf(loss) }))[0] };
  };
  const near = (z: Tensor): Tensor => bounded(start.add(within(norm, z.sub(start), eps)));
  const along = ({ x: z, slope }: Place, size: Tensor): Tensor =>
    near(z.add(steepest(norm, slope).mul(perRow(size, z))));

  const first = at(key ? bounded(start.add(somewhere(norm, key, start, eps))) : start);
  const stepSize = first.loss.mul(0).add(2 * eps);
  const second = at(along(first, stepSize));
  const isBetter = second.loss.gt(first.loss);
  const [{ best }] = scan(
    (s: State, { span, isLast }: { span: Tensor; isLast: Tensor }) => {
      const way = along(s.here, s.stepSize).sub(s.here.x);
      const moved = at(near(s.here.x.add(way.mul(0.75)).add(s.here.x.sub(s.before).mul(0.25))));
      const highest = chosen(moved.loss.gt(s.best.loss), moved, s.best);
      const rises = s.rises.add(moved.loss.gt(s.here.loss).astype('int32'));
      const isSlow = rises.astype('float64').lt(span.mul(0.75));
      const isStuck = logicalAnd(s.wasKept, s.bestThen.eq(highest.loss));
      const isHalved = logicalAnd(isLast, logicalOr(isSlow, isStuck));
      const next: State = {
        here: chosen(isHalved, highest, moved),
        before: s.here.x,
        best: highest,
        stepSize: where(isHalved, s.stepSize.div(2), s.stepSize),
        rises: where(isLast, 0, rises),
        wasKept: where(isLast, logicalNot(isHalved), s.wasKept),
        bestThen: where(isLast, highest.loss, s.bestThen),
      };
      return [next, null];
    },
    {
      here: second,
      before: first.x,
      best: chosen(isBetter, second, first),
      stepSize,
      rises: isBetter.astype('int32'),
      wasKept: zeros([rowsOf(start)]).ne(0),
      bestThen: first.loss,
    },
    checks(steps),
  );
  return best.x;
}

/** One place or the other, for each row. */
function chosen(isFirst: Tensor, first: Place, second: Place): Place {
  return {
    x: where(perRow(isFirst, first.x), first.x, second.x),
    loss: where(isFirst, first.loss, second.loss),
    slope: where(perRow(isFirst, first.x), first.slope, second.slope),
  };
}

/** Of each step after the first: whether it is the last one before a check, and the steps since the check before. */
function checks(steps: number): { span: Tensor; isLast: Tensor } {
  const span = new Float64Array(steps - 1);
  const isLast = new Int32Array(steps - 1);
  let [before, at, from] = [0, 0.22, 0];
  while (at < 1) {
    const end = Math.ceil(at * steps);
    // Step k goes from x_k to x_(k+1); the first step is made before the loop.
    if (end >= 2 && end <= steps) {
      span[end - 2] = end - from;
      isLast[end - 2] = 1;
    }
    from = end;
    [before, at] = [at, at + Math.max(at - before - 0.03, 0.06)];
  }
  return { span: tensor(span), isLast: tensor(isLast).ne(0) };
}

/** The highest of other scores less that of the class, over the distance of the highest from the third. */
function logitRatio(scores: Tensor, labels: Tensor): Tensor {
  const classes = scores.shape.at(-1) ?? 0;
  if (scores.ndim !== 2 || classes < 3) {
    throw new TypeError(
      `apgd: the loss 'dlr' needs scores of three classes or more, [${rowsOf(scores)}, classes]; the model gives [${scores.shape.join(', ')}].`,
    );
  }
  const own = gather(scores, labels.expandDims(1)).squeeze(1);
  const isOwn = oneHot(labels, classes).ne(0);
  const other = where(isOwn, Number.NEGATIVE_INFINITY, scores).max({ axis: 1 });
  const sorted = sort(scores, { axis: 1 });
  const spread = sorted.at(null, classes - 1).sub(sorted.at(null, classes - 3));
  return other.sub(own).div(spread.add(1e-12));
}
