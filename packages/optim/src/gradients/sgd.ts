import type { Tensor } from '@grad/core';
import { checkFraction } from '../options.ts';
import { type GradientTransformation, leafwise, zerosLike } from './gradient-transformation.ts';
import { firstCount, type LearningRate, ratesOf } from './learning-rate.ts';
import { zipWith } from './zip.ts';

/** Options of `sgd`. */
export interface SgdOptions {
  readonly learningRate: LearningRate;
  /** Share of the last direction that is kept, in [0, 1); 0 when left out. */
  readonly momentum?: number;
  /** Whether the gradient is looked at one step ahead along the momentum. */
  readonly nesterov?: boolean;
}

/** State of `sgd`. */
export interface SgdState {
  /** Updates so far. */
  readonly count: Tensor;
  /** Directions, one for each leaf of the parameters; none without momentum. */
  readonly velocity: readonly Tensor[];
}

/**
 * Gradient descent: `v = momentum * v + g`, and the update is `-learningRate * v`, or with `nesterov`
 * `-learningRate * (g + momentum * v)`; as `torch.optim.SGD` without dampening.
 *
 * @throws RangeError when an option makes no sense.
 * @see I. Sutskever et al., On the importance of initialization and momentum in deep learning (2013).
 */
export function sgd(options: SgdOptions): GradientTransformation<SgdState> {
  const { learningRate, momentum = 0, nesterov = false } = options;
  checkFraction('sgd', 'momentum', momentum);
  if (nesterov && momentum === 0) {
    throw new RangeError('sgd: nesterov needs a momentum above 0.');
  }
  const rates = ratesOf('sgd', learningRate);
  return leafwise<SgdState>('sgd', {
    init: (params) => ({
      count: firstCount(),
      velocity: momentum === 0 ? [] : zerosLike(params),
    }),
    lists: ({ velocity }) => (momentum === 0 ? [] : [velocity]),
    update(grads, { count, velocity }) {
      const along = (v: readonly Tensor[]): Tensor[] =>
        zipWith((g, own) => own.mul(momentum).add(g), grads, v);
      const next = momentum === 0 ? [] : along(velocity);
      const heavy = nesterov ? along(next) : next;
      const directions = momentum === 0 ? grads : heavy;
      const updates = zipWith((d, rate) => d.mul(rate.neg()), directions, rates(count, grads));
      return [updates, { count: count.add(1), velocity: next }];
    },
  });
}
