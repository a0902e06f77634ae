import { sqrt, type Tensor } from '@grad/core';
import { checkFraction, checkSize } from '../options.ts';
import { type GradientTransformation, leafwise, zerosLike } from './gradient-transformation.ts';
import { firstCount, type LearningRate, ratesOf } from './learning-rate.ts';
import { zipWith } from './zip.ts';

/** Options of `rmsprop`. */
export interface RmspropOptions {
  readonly learningRate: LearningRate;
  /** Decay of the mean of squared gradients; 0.99 when left out. */
  readonly decay?: number;
  /** Added to the root of that mean; 1e-8 when left out. */
  readonly eps?: number;
  /** Whether the mean of gradients is taken off, so that the root is a standard deviation. */
  readonly centered?: boolean;
  /** Share of the last direction that is kept, in [0, 1); 0 when left out. */
  readonly momentum?: number;
}

/** State of `rmsprop`. */
export interface RmspropState {
  /** Updates so far. */
  readonly count: Tensor;
  /** Means of squared gradients, one for each leaf of the parameters. */
  readonly square: readonly Tensor[];
  /** Means of gradients; none unless centered. */
  readonly mean: readonly Tensor[];
  /** Directions; none without momentum. */
  readonly velocity: readonly Tensor[];
}

/**
 * Gradients divided by the root of the mean of their squares, `g / (sqrt(v) + eps)`; as
 * `torch.optim.RMSprop`, with eps outside the root.
 *
 * @throws RangeError when an option makes no sense.
 * @see T. Tieleman and G. Hinton, Lecture 6.5 of Neural Networks for Machine Learning (2012); centered
 * in A. Graves, Generating Sequences With Recurrent Neural Networks (2013), eq. 38-45.
 */
export function rmsprop(options: RmspropOptions): GradientTransformation<RmspropState> {
  const { learningRate, decay = 0.99, eps = 1e-8, centered = false, momentum = 0 } = options;
  checkFraction('rmsprop', 'decay', decay);
  checkFraction('rmsprop', 'momentum', momentum);
  checkSize('rmsprop', 'eps', eps);
  const rates = ratesOf('rmsprop', learningRate);
  return leafwise<RmspropState>('rmsprop', {
    init: (params) => ({
      count: firstCount(),
      square: zerosLike(params),
      mean: centered ? zerosLike(params) : [],
      velocity: momentum === 0 ? [] : zerosLike(params),
    }),
    lists: ({ square, mean, velocity }) => [
      square,
      ...(centered ? [mean] : []),
      ...(momentum === 0 ? [] : [velocity]),
    ],
    update(grads, state) {
      const square = zipWith(
        (g, v) => v.mul(decay).add(g.square().mul(1 - decay)),
        grads,
        state.square,
      );
      const mean = centered
        ? zipWith((g, m) => m.mul(decay).add(g.mul(1 - decay)), grads, state.mean)
        : [];
      const spread = centered ? zipWith((v, m) => v.sub(m.square()), square, mean) : square;
      const scaled = zipWith((g, v) => g.div(sqrt(v).add(eps)), grads, spread);
      const velocity =
        momentum === 0 ? [] : zipWith((d, v) => v.mul(momentum).add(d), scaled, state.velocity);
      const directions = momentum === 0 ? scaled : velocity;
      const updates = zipWith(
        (d, rate) => d.mul(rate.neg()),
        directions,
        rates(state.count, grads),
      );
      return [updates, { count: state.count.add(1), square, mean, velocity }];
    },
  });
}
