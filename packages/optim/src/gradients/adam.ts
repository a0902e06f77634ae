import { pow, sqrt, type Tensor } from '@grad/core';
import { checkFraction, checkSize } from '../options.ts';
import { chain } from './chain.ts';
import { type GradientTransformation, leafwise, zerosLike } from './gradient-transformation.ts';
import { firstCount, type LearningRate, ratesOf } from './learning-rate.ts';
import { type Mask, masked } from './masked.ts';
import { addDecayedWeights, scaleByLearningRate } from './scale.ts';
import { zipWith } from './zip.ts';

/** Options of `adam`. */
export interface AdamOptions {
  readonly learningRate: LearningRate;
  /** Decay of the mean of gradients; 0.9 when left out. */
  readonly beta1?: number;
  /** Decay of the mean of their squares; 0.999 when left out. */
  readonly beta2?: number;
  /** Added to the square root of the corrected mean of squares; 1e-8 when left out. */
  readonly eps?: number;
  /** Added below that square root, where a derivative of the update needs it; 0 when left out. */
  readonly epsRoot?: number;
}

/** State of `adam`. */
export interface AdamState {
  /** Updates so far. */
  readonly count: Tensor;
  /** Means of gradients, one for each leaf of the parameters. */
  readonly mean: readonly Tensor[];
  /** Means of their squares. */
  readonly square: readonly Tensor[];
}

/**
 * Adam, with both means corrected for their start at 0:
 * `-learningRate * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t) + epsRoot) + eps)`. As in
 * `torch.optim.Adam` and optax, eps is added outside the root and after the correction.
 *
 * @throws RangeError when an option makes no sense.
 * @see D. Kingma and J. Ba, Adam: A Method for Stochastic Optimization (2015), algorithm 1.
 */
export function adam({ learningRate, ...rest }: AdamOptions): GradientTransformation<AdamState> {
  const rates = ratesOf('adam', learningRate);
  return moments('adam', rest, (directions, count) =>
    zipWith((d, rate) => d.mul(rate.neg()), directions, rates(count, directions)),
  );
}

/** Options of `adamw`. */
export interface AdamwOptions extends AdamOptions {
  /** Share of the weights that is taken off, times the learning rate; 0.01 when left out. */
  readonly weightDecay?: number;
  /** Which parameters decay; all when left out. */
  readonly mask?: Mask;
}

/** State of `adamw`. */
export type AdamwState = [AdamState, null, Tensor];

/**
 * Adam with weights that decay apart from the gradient: the update of `adam`, minus
 * `learningRate * weightDecay * params`; as `torch.optim.AdamW`.
 *
 * @throws RangeError when an option makes no sense.
 * @see I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization (2019), algorithm 2.
 */
export function adamw(options: AdamwOptions): GradientTransformation<AdamwState> {
  const { learningRate, weightDecay = 0.01, mask, ...rest } = options;
  checkSize('adamw', 'weightDecay', weightDecay);
  const decay = addDecayedWeights(weightDecay);
  return chain(
    moments('adamw', rest, (directions) => [...directions]),
    mask === undefined ? decay : masked(decay, mask),
    scaleByLearningRate(learningRate),
  );
}

function moments(
  name: string,
  options: Omit<AdamOptions, 'learningRate'>,
  finish: (directions: readonly Tensor[], count: Tensor) => Tensor[],
): GradientTransformation<AdamState> {
  const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, epsRoot = 0 } = options;
  checkFraction(name, 'beta1', beta1);
  checkFraction(name, 'beta2', beta2);
  checkSize(name, 'eps', eps);
  checkSize(name, 'epsRoot', epsRoot);
  return leafwise<AdamState>(name, {
    init: (params) => ({ count: firstCount(), mean: zerosLike(params), square: zerosLike(params) }),
    lists: ({ mean, square }) => [mean, square],
    update(grads, state) {
      const count = state.count.add(1);
      const mean = zipWith((g, m) => m.mul(beta1).add(g.mul(1 - beta1)), grads, state.mean);
      const square = zipWith(
        (g, v) => v.mul(beta2).add(g.square().mul(1 - beta2)),
        grads,
        state.square,
      );
      const left1 = pow(beta1, count).neg().add(1);
      const left2 = pow(beta2, count).neg().add(1);
      const directions = zipWith(
        (m, v) => {
          const corrected = v.div(left2.astype(v.dtype));
          const root = sqrt(epsRoot === 0 ? corrected : corrected.add(epsRoot));
          return m.div(left1.astype(m.dtype)).div(root.add(eps));
        },
        mean,
        square,
      );
      return [finish(directions, state.count), { count, mean, square }];
    },
  });
}
