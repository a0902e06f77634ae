import {
  logicalAnd,
  stopGradient,
  type Tensor,
  type Traced,
  tensor,
  tree,
  where,
  whileLoop,
} from '@grad/core';
import { checkRate } from './magnitude-prune.ts';

/** Options of `edgePopup`. */
export interface EdgePopupOptions {
  /** Share of the elements that is kept, in [0, 1]. */
  readonly density: number;
  /** Whether the highest are found in each tensor (when left out), or in all of them together. */
  readonly scope?: 'global' | 'layer';
}

/**
 * The mask of the highest scores, through which derivatives go as if it were the scores themselves. A loss of
 * `weights * edgePopup(scores)` with weights that stay as they are can then be lowered by steps in the
 * scores: the weights that would help pop up into the mask.
 *
 * @param scores tree of tensors of floats; where some are equal, all that equal the lowest that is kept are kept
 * @returns 0 and 1, in the structure and dtypes of the scores
 * @throws RangeError when density is not in [0, 1].
 * @see V. Ramanujan et al., What's hidden in a randomly weighted neural network?, arXiv:1911.13299, section 3.
 */
export function edgePopup<const S>(scores: S, options: EdgePopupOptions): Traced<S> {
  const { density, scope = 'layer' } = options;
  checkRate('edgePopup', density, 'density');
  const [all] = tree.ravel(stopGradient(scores));
  const shared = scope === 'global' ? threshold(all, density) : undefined;
  return tree.map((s) => {
    const still = stopGradient(s);
    const mask = still.ge(shared?.astype(s.dtype) ?? threshold(still, density)).astype(s.dtype);
    // Exactly the mask, with the derivative of s.
    return mask.add(s.sub(still));
  }, scores);
}

/**
 * The lowest of the share of elements that is kept. It is enclosed by halves until the count is right, or, where
 * elements are equal, until there is no number between the ends: a few counts, where sorting takes far longer.
 */
function threshold(x: Tensor, density: number): Tensor {
  const kept = Math.round(density * x.size);
  if (kept === 0) return x.mul(0).sum().add(Number.POSITIVE_INFINITY);
  const count = (least: Tensor): Tensor => x.ge(least).astype('int32').sum();
  const middle = ({ low, high }: Ends): Tensor => low.div(2).add(high.div(2));
  const { low } = whileLoop(
    (ends: Ends) => {
      const at = middle(ends);
      return logicalAnd(ends.count.gt(kept), logicalAnd(at.gt(ends.low), at.lt(ends.high)));
    },
    (ends: Ends) => {
      const at = middle(ends);
      const there = count(at);
      const isLow = there.ge(kept);
      return {
        low: where(isLow, at, ends.low),
        high: where(isLow, ends.high, at),
        count: where(isLow, there, ends.count),
      };
    },
    { low: x.min(), high: x.max(), count: tensor(x.size, { dtype: 'int32' }) },
  );
  return low;
}

/** At least what is kept is at `low` or above; `count` says how many are. */
interface Ends {
  readonly low: Tensor;
  readonly high: Tensor;
  readonly count: Tensor;
}
