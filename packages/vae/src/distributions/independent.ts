import { ShapeError, type Tensor } from '@grad/core';
import type { Distribution } from './distribution.ts';

/** What {@link independent} makes. */
export interface Independent extends Distribution {
  readonly kind: 'independent';
  readonly base: Distribution;
  /** Batch axes of the base that are event axes here. */
  readonly axes: number;
}

/**
 * Takes the last batch axes of a distribution as parts of one event: log probabilities and entropies
 * are summed over them.
 *
 * @param axes how many; all of them when left out
 * @throws ShapeError when the distribution has less batch axes.
 */
export function independent(base: Distribution, axes = base.batchShape.length): Independent {
  const left = base.batchShape.length - axes;
  if (!Number.isInteger(axes) || axes < 0 || left < 0) {
    throw new ShapeError(
      `independent: ${axes} axes of a ${base.kind} with batchShape [${base.batchShape.join(', ')}]; it must be a whole number up to ${base.batchShape.length}.`,
    );
  }
  const summed = (x: Tensor): Tensor => sumLast(x, axes);
  return {
    kind: 'independent',
    base,
    axes,
    batchShape: base.batchShape.slice(0, left),
    eventShape: [...base.batchShape.slice(left), ...base.eventShape],
    sample: base.sample,
    rsample: base.rsample,
    logProb: (x) => summed(base.logProb(x)),
    entropy: () => summed(base.entropy()),
    mean: base.mean,
    variance: base.variance,
    detach: () => independent(base.detach(), axes),
  };
}

/** Sum over the last axes. */
export function sumLast(x: Tensor, axes: number): Tensor {
  return axes === 0 ? x : x.sum({ axis: Array.from({ length: axes }, (_, i) => -1 - i) });
}
