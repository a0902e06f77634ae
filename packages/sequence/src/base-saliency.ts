import {
  broadcastTo,
  grad,
  ShapeError,
  scan,
  type Tensor,
  type TensorLike,
  tensor,
  zeros,
} from '@grad/core';
import { type SequenceScore, scoreOf } from './base-scores.ts';

/** Options of {@link baseSaliency}. */
export interface BaseSaliencyOptions {
  /**
   * `gradTimesInput` takes the gradient at x; `integratedGradients`, when left out, its mean on the
   * straight path from the baseline to x.
   */
  readonly method?: 'gradTimesInput' | 'integratedGradients';
  /** What x is compared with, broadcast to it. An unknown base, 1/4 of each, when left out. */
  readonly baseline?: TensorLike;
  /** Parts of the path, each with three gradients; 16 when left out. */
  readonly steps?: number;
}

/** Shares of each base in a score. */
export interface BaseSaliency {
  /** `[n, length]`: what the base at each place contributes to the score. */
  readonly perBase: Tensor;
  /** `[n, length, 4]`: the same before the sum over the columns of x. */
  readonly attribution: Tensor;
  /** Sum of the attribution less `score(x) - score(baseline)`, `[n]`: what the method misses. */
  readonly delta: Tensor;
}

/** Gauss's rule with three points on [0, 1]: exact for polynomials of degree 5. */
const GAUSS = [
  { node: 0.5 - Math.sqrt(0.15), weight: 5 / 18 },
  { node: 0.5, weight: 8 / 18 },
  { node: 0.5 + Math.sqrt(0.15), weight: 5 / 18 },
] as const;

/**
 * How much each base contributes to the score of its sequence: x less a baseline, times a gradient. The
 * rows of x sum to 1, so that a gradient has a part that no sequence can follow; a baseline of 1/4 each
 * takes it away (Majdandzic et al., Genome Biology 24 (2023)). `baseline: 0` is plain gradient times input.
 *
 * @param x `[n, length, 4]`, as `oneHotBatch` makes it
 * @throws ShapeError when x, the baseline or the score has another shape.
 * @throws RangeError when steps is no whole number of 1 or more.
 * @throws TypeError when there is no such method.
 * @see Sundararajan, Taly and Yan, Axiomatic attribution for deep networks, arXiv:1703.01365.
 */
export function baseSaliency(
  score: SequenceScore,
  x: Tensor,
  { method = 'integratedGradients', baseline = 0.25, steps = 16 }: BaseSaliencyOptions = {},
): BaseSaliency {
  const name = 'baseSaliency';
  if (method !== 'gradTimesInput' && method !== 'integratedGradients') {
    throw new TypeError(
      `${name}: method is ${String(method)}; it must be 'gradTimesInput' or 'integratedGradients'.`,
    );
  }
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new RangeError(`${name}: steps is ${steps}; it must be a whole number of 1 or more.`);
  }
  const scored = scoreOf(name, score, x);
  const from = baselineOf(name, x, tensor(baseline).astype(x.dtype));
  const way = x.sub(from);
  const slope = grad((z: Tensor) => scored(z).sum());
  const mean = method === 'gradTimesInput' ? slope(x) : pathMean(slope, from, way, steps);
  const attribution = way.mul(mean);
  const perBase = attribution.sum({ axis: 2 });
  const delta = perBase.sum({ axis: 1 }).sub(scored(x).sub(scored(from)));
  return { perBase, attribution, delta };
}

function pathMean(slope: (z: Tensor) => Tensor, from: Tensor, way: Tensor, steps: number): Tensor {
  const points = Array.from({ length: steps }, (_, part) =>
    GAUSS.map(({ node, weight }) => [(part + node) / steps, weight / steps]),
  ).flat();
  const [mean] = scan(
    (sum: Tensor, point: Tensor) => [
      sum.add(slope(from.add(way.mul(point.at(0)))).mul(point.at(1))),
      null,
    ],
    zeros(way.shape, { dtype: way.dtype }),
    tensor(points).astype(way.dtype),
  );
  return mean;
}

function baselineOf(name: string, x: Tensor, baseline: Tensor): Tensor {
  const offset = x.ndim - baseline.ndim;
  if (offset >= 0 && baseline.shape.every((n, i) => n === 1 || n === x.shape[i + offset])) {
    return broadcastTo(baseline, x.shape);
  }
  throw new ShapeError(
    `${name}: the baseline has shape [${baseline.shape.join(', ')}], which does not broadcast to that of x, [${x.shape.join(', ')}].`,
  );
}
