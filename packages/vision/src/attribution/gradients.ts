import { grad, random, scan, type Tensor, type TensorLike, zeros } from '@grad/core';
import { checkCount, checkSize } from '../check.ts';
import {
  asBatch,
  baselineOf,
  floatOf,
  type Model,
  rowSums,
  scoreOf,
  type TargetOptions,
} from '../model.ts';
import { gaussLegendre, midpoints } from './quadrature.ts';

/**
 * The gradient of the target's score with respect to x: which pixels would change it fastest.
 *
 * @param x batch `[n, ...]`
 * @returns a tensor of the shape of x
 * @throws DTypeError or ShapeError when x is no batch of floats, or the model gives no scores of it.
 * @see K. Simonyan, A. Vedaldi and A. Zisserman, arXiv:1312.6034.
 */
export function saliency(model: Model, x: TensorLike, options: TargetOptions = {}): Tensor {
  return slope('saliency', model, asBatch('saliency', x), options);
}

/**
 * x times the gradient of the target's score. On a network of relu without biases it sums to the score.
 *
 * @throws what `saliency` throws.
 */
export function gradTimesInput(model: Model, x: TensorLike, options: TargetOptions = {}): Tensor {
  const made = asBatch('gradTimesInput', x);
  return made.mul(slope('gradTimesInput', model, made, options));
}

function slope(name: string, model: Model, x: Tensor, options: TargetOptions): Tensor {
  const score = scoreOf(name, model, x, options);
  return grad((z: Tensor) => score(z).sum())(x);
}

/** Options of `integratedGradients`. */
export interface IntegratedGradientsOptions extends TargetOptions {
  /** Where the path begins; broadcast to x; 0 when left out. */
  readonly baseline?: TensorLike;
  /** Gradients along the path; 32 when left out. */
  readonly steps?: number;
  /**
   * `gaussLegendre` (when left out) converges exponentially on smooth networks; `riemann` takes midpoints
   * of equal parts.
   */
  readonly method?: 'gaussLegendre' | 'riemann';
}

/** An attribution that should sum to a difference of scores. */
export interface CompleteAttribution {
  /** Of the shape of x. */
  readonly attribution: Tensor;
  /** Sum of the attribution less `score(x) - score(baseline)`, `[n]`: what the method misses. */
  readonly delta: Tensor;
}

/**
 * (x - baseline) times the gradient's mean along the straight path between them; equation (1) of the paper.
 *
 * @throws what `saliency` throws; RangeError when steps is no whole number of 1 or more.
 * @see M. Sundararajan, A. Taly and Q. Yan, Axiomatic attribution for deep networks, arXiv:1703.01365.
 */
export function integratedGradients(
  model: Model,
  x: TensorLike,
  options: IntegratedGradientsOptions = {},
): CompleteAttribution {
  const name = 'integratedGradients';
  const { baseline = 0, steps = 32, method = 'gaussLegendre' } = options;
  checkCount(name, 'steps', steps);
  if (method !== 'gaussLegendre' && method !== 'riemann') {
    throw new TypeError(
      `${name}: method is ${String(method)}; it must be 'gaussLegendre' or 'riemann'.`,
    );
  }
  const made = asBatch(name, x);
  const from = baselineOf(name, made, baseline);
  const way = made.sub(from);
  const score = scoreOf(name, model, made, options);
  const gradient = grad((z: Tensor) => score(z).sum());
  const { nodes, weights } = method === 'riemann' ? midpoints(steps) : gaussLegendre(steps);
  const [mean] = scan(
    (sum: Tensor, { node, weight }: { node: Tensor; weight: Tensor }) => {
      const at = from.add(way.mul(node.astype(made.dtype)));
      return [sum.add(gradient(at).mul(weight.astype(made.dtype))), null];
    },
    zeros(made.shape, { dtype: made.dtype }),
    { node: nodes, weight: weights },
  );
  const attribution = way.mul(mean);
  return { attribution, delta: rowSums(attribution).sub(score(made).sub(score(from))) };
}

/** Options of `smoothGrad`. */
export interface SmoothGradOptions extends TargetOptions {
  /** Source of the noise; of seed 0 when left out. */
  readonly key?: Tensor;
  /** Gradients to average; 50 when left out. */
  readonly samples?: number;
  /** Standard deviation of the noise, in units of x; 0.15 when left out. */
  readonly noise?: number;
}

/**
 * The mean of saliencies at x with Gaussian noise added.
 *
 * @throws what `saliency` throws; RangeError when samples or noise makes no sense.
 * @see D. Smilkov et al., SmoothGrad: removing noise by adding noise, arXiv:1706.03825.
 */
export function smoothGrad(model: Model, x: TensorLike, options: SmoothGradOptions = {}): Tensor {
  const { key = random.key(0), samples = 50, noise = 0.15 } = options;
  checkCount('smoothGrad', 'samples', samples);
  checkSize('smoothGrad', 'noise', noise);
  const made = asBatch('smoothGrad', x);
  const score = scoreOf('smoothGrad', model, made, options);
  const gradient = grad((z: Tensor) => score(z).sum());
  const { shape, dtype } = made;
  const [sum] = scan(
    (total: Tensor, each: Tensor) => {
      const shift = random.normal(each, shape, { dtype: floatOf(made) }).mul(noise);
      return [total.add(gradient(made.add(shift))), null];
    },
    zeros(shape, { dtype }),
    random.keys(key, samples),
  );
  return sum.div(samples);
}
