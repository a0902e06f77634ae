import {
  foriLoop,
  full,
  gather,
  grad,
  log1p,
  logicalAnd,
  logicalOr,
  maximum,
  minimum,
  oneHot,
  type Tensor,
  type TensorLike,
  take,
  tanh,
  where,
  zeros,
} from '@grad/core';
import { type AdamState, adam, applyUpdates, cosineDecay } from '@grad/optim';
import { checkCount, checkSize } from '../check.ts';
import { floatOf, type Model, perRow, rowSums, rowsOf } from '../model.ts';
import { type AttackOptions, lengths, settingOf } from './attack.ts';

/** Options of `carliniWagner`. */
export interface CarliniWagnerOptions extends Pick<AttackOptions, 'bounds' | 'targeted'> {
  /** By how much the wrong score is to exceed the right one; 0 when left out. */
  readonly confidence?: number;
  /**
   * What an attack without a target goes for: the class that has the highest other score at the moment (when left
   * out), or every class, of which the nearest counts, at so many times the cost.
   */
  readonly towards?: 'highest' | 'every';
  /** Steps of Adam in each search; 1000 when left out. */
  readonly steps?: number;
  /** Step size of Adam at the start of a search, which falls to 0 in its course; 0.01 when left out. */
  readonly learningRate?: number;
  /** Weights of the loss that are tried for each row; 9 when left out. */
  readonly searchSteps?: number;
  /** The first one of them; 0.001 when left out. */
  readonly initialConst?: number;
}

/** What `carliniWagner` finds. */
export interface CarliniWagnerResult {
  /** The changed batch; as it was where nothing was found. */
  readonly x: Tensor;
  /** Euclidean length of each change, `[n]`; infinite where nothing was found. */
  readonly distance: Tensor;
  /** Whether a change was found that does what is asked, bool `[n]`. */
  readonly fooled: Tensor;
}

/** What is known of each row in the search for its weight c. */
interface Search {
  readonly c: Tensor;
  /** The largest c that was too small, and the least that was large enough. */
  readonly low: Tensor;
  readonly high: Tensor;
  /** The nearest that was found. */
  readonly best: Best;
}

interface Best {
  readonly x: Tensor;
  readonly distance: Tensor;
}

/**
 * The smallest change in the Euclidean norm that leads astray: Adam on `|x' - x|² + c max(margin + confidence, 0)`,
 * where the margin is how much the right score is above a wrong one, with c by bisection for each row. Within bounds x' is `tanh` of what is sought, so that it cannot leave them.
 *
 * @param x batch `[n, ...]`; the model gives scores `[n, classes]`
 * @param y right classes, int32 `[n]`, or those to be reached when `targeted`
 * @throws what `fgsm` throws; RangeError when an option makes no sense, or there are less than two classes.
 * @see N. Carlini and D. Wagner, Towards evaluating the robustness of neural networks, arXiv:1608.04644, section V.
 */
export function carliniWagner(
  model: Model,
  x: TensorLike,
  y: TensorLike,
  options: CarliniWagnerOptions = {},
): CarliniWagnerResult {
  const name = 'carliniWagner';
  const { confidence = 0, steps = 1000, learningRate = 0.01, searchSteps = 9 } = options;
  const { initialConst = 1e-3, bounds = [0, 1], targeted = false, towards = 'highest' } = options;
  checkCount(name, 'steps', steps);
  checkCount(name, 'searchSteps', searchSteps);
  checkSize(name, 'confidence', confidence);
  checkSize(name, 'learningRate', learningRate);
  checkSize(name, 'initialConst', initialConst);
  const { x: start, labels } = settingOf(name, model, x, y, { eps: 0, bounds, targeted });
  const dtype = floatOf(start);
  const rows = rowsOf(start);
  if (towards !== 'highest' && towards !== 'every') {
    throw new TypeError(`${name}: towards is ${String(towards)}; it must be 'highest' or 'every'.`);
  }
  const space = searchSpace(start, bounds);
  const optimizer = adam({ learningRate: cosineDecay({ init: learningRate, steps }) });
  const classes = classesOf(model(start), rows);

  const searched = (margin: (scores: Tensor) => Tensor, nearest: Best): Best => {
    const slope = grad(
      (w: Tensor, c: Tensor) => {
        const z = space.toInput(w);
        const above = margin(model(z));
        const change = z.sub(start);
        const loss = rowSums(change.square())
          .add(c.mul(maximum(above.add(confidence), 0)))
          .sum();
        const isAstray = logicalAnd(above.lt(0), above.le(-confidence));
        return [loss, { x: z, distance: lengths(change), isAstray }] as const;
      },
      { hasAux: true },
    );
    const descend = (c: Tensor, from: Best): { best: Best; isFound: Tensor } => {
      const [, , best, isFound] = foriLoop(
        0,
        steps,
        (_i, [w, state, found, wasFound]: [Tensor, AdamState, Best, Tensor]) => {
          const [slopes, { x: z, distance, isAstray }] = slope(w, c);
          const [updates, next] = optimizer.update(slopes, state, w);
          const isBest = logicalAnd(isAstray, distance.lt(found.distance));
          const nextBest: Best = {
            x: where(perRow(isBest, z), z, found.x),
            distance: where(isBest, distance, found.distance),
          };
          return [applyUpdates(w, updates), next, nextBest, logicalOr(wasFound, isAstray)];
        },
        [space.start, optimizer.init(space.start), from, zeros([rows]).ne(0)],
      );
      return { best, isFound };
    };
    const { best } = foriLoop(
      0,
      searchSteps,
      (_i, s: Search) => {
        const { best: found, isFound } = descend(s.c, s.best);
        const low = where(isFound, s.low, maximum(s.low, s.c));
        const high = where(isFound, minimum(s.high, s.c), s.high);
        const c = where(high.lt(limit), low.add(high).div(2), s.c.mul(10));
        return { c, low, high, best: found };
      },
      {
        c: full([rows], initialConst, { dtype }),
        low: zeros([rows], { dtype }),
        high: full([rows], limit, { dtype }),
        best: nearest,
      },
    );
    return best;
  };

  const own = (scores: Tensor): Tensor => gather(scores, labels.expandDims(1)).squeeze(1);
  const other = (scores: Tensor): Tensor =>
    where(oneHot(labels, classes).ne(0), Number.NEGATIVE_INFINITY, scores).max({ axis: 1 });
  const none: Best = { x: start, distance: full([rows], Number.POSITIVE_INFINITY, { dtype }) };
  const best =
    towards === 'every' && !targeted
      ? foriLoop(
          0,
          classes,
          (target, nearest: Best) =>
            searched((scores) => own(scores).sub(take(scores, target, { axis: 1 })), nearest),
          none,
        )
      : searched(
          (scores) => (targeted ? other(scores).sub(own(scores)) : own(scores).sub(other(scores))),
          none,
        );
  return { ...best, fooled: best.distance.lt(Number.POSITIVE_INFINITY) };
}

/** Number of classes of scores `[rows, classes]`. */
function classesOf({ shape }: Tensor, rows: number): number {
  const [count, classes = 0] = shape;
  if (shape.length === 2 && count === rows && classes >= 2) return classes;
  throw new RangeError(
    `carliniWagner: the model gives [${shape.join(', ')}]; it must give scores of two classes or more, [${rows}, classes].`,
  );
}

/** Where c is no longer raised. */
const limit = 1e10;

/** What Adam changes, and the input that it stands for. */
function searchSpace(
  x: Tensor,
  bounds: readonly [number, number] | null,
): { start: Tensor; toInput(w: Tensor): Tensor } {
  if (bounds === null) return { start: x, toInput: (w) => w };
  const [low, high] = bounds;
  const half = (high - low) / 2;
  const unit = x.sub(low + half).div(half);
  // At a bound itself tanh has no slope.
  return {
    start: atanh(unit.mul(0.999999)),
    toInput: (w) =>
      tanh(w)
        .mul(half)
        .add(low + half),
  };
}

function atanh(x: Tensor): Tensor {
  return log1p(x).sub(log1p(x.neg())).div(2);
}
