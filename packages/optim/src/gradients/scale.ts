import type { Tensor } from '@grad/core';
import { checkSize } from '../options.ts';
import { type GradientTransformation, leafwise } from './gradient-transformation.ts';
import { firstCount, type LearningRate, ratesOf } from './learning-rate.ts';
import type { Schedule } from './schedules.ts';
import { zipWith } from './zip.ts';

/** Gradients times a factor. */
export function scale(factor: number | Tensor): GradientTransformation<null> {
  return leafwise<null>('scale', {
    init: () => null,
    lists: () => [],
    update: (grads, state) => [
      grads.map((g) => g.mul(typeof factor === 'number' ? factor : factor.astype(g.dtype))),
      state,
    ],
  });
}

/** Gradients times a factor that depends on the count of updates. The state is that count. */
export function scaleBySchedule(schedule: Schedule): GradientTransformation<Tensor> {
  const factors = ratesOf('scaleBySchedule', schedule);
  return leafwise<Tensor>('scaleBySchedule', {
    init: firstCount,
    lists: () => [],
    update: (grads, count) => [
      zipWith((g, factor) => g.mul(factor), grads, factors(count, grads)),
      count.add(1),
    ],
  });
}

/** Gradients times minus a learning rate: the last step of an optimizer. The state is the count of updates. */
export function scaleByLearningRate(learningRate: LearningRate): GradientTransformation<Tensor> {
  const rates = ratesOf('scaleByLearningRate', learningRate);
  return leafwise<Tensor>('scaleByLearningRate', {
    init: firstCount,
    lists: () => [],
    update: (grads, count) => [
      zipWith((g, rate) => g.mul(rate.neg()), grads, rates(count, grads)),
      count.add(1),
    ],
  });
}

/**
 * Adds `rate * params` to gradients: the gradient of an L2 penalty when put before an optimizer, decay of
 * weights as in AdamW when put before `scaleByLearningRate`.
 *
 * @throws RangeError when the rate is negative or not finite.
 */
export function addDecayedWeights(rate: number): GradientTransformation<null> {
  checkSize('addDecayedWeights', 'rate', rate);
  return leafwise<null>('addDecayedWeights', {
    init: () => null,
    lists: () => [],
    update: (grads, state, params) => [
      zipWith((g, p) => p.mul(rate).add(g), grads, params()),
      state,
    ],
  });
}
