import { exp, type Tensor, tensor } from '@grad/core';
import { bernoulli } from './distributions/bernoulli.ts';
import type { Distribution } from './distributions/distribution.ts';
import { normal } from './distributions/normal.ts';

/** How the output of a decoder is a distribution of the data, with parameters of its own. */
export interface Likelihood<P> {
  /** Parameters to start from. */
  init(): P;
  /** Distributions of the elements of x, in the shape of the output. */
  distribution(params: P, output: Tensor): Distribution;
}

/** Ones and zeros, such as ink: the output is the logits. */
export function bernoulliLikelihood(): Likelihood<Readonly<Record<never, never>>> {
  return { init: () => ({}), distribution: (_, logits) => bernoulli({ logits }) };
}

/** The parameter of {@link normalLikelihood}. */
export interface NoiseParams {
  /** Logarithm of the standard deviation, a scalar. */
  readonly logScale: Tensor;
}

/** Numbers with normal noise of one standard deviation, which is learned: the output is the mean. */
export function normalLikelihood({
  scale = 1,
}: {
  readonly scale?: number;
} = {}): Likelihood<NoiseParams> {
  if (!(scale > 0))
    throw new RangeError(`normalLikelihood: scale is ${scale}; it must be above 0.`);
  return {
    init: () => ({ logScale: tensor(Math.log(scale)) }),
    distribution: ({ logScale }, mean) => normal(mean, exp(logScale).astype(mean.dtype)),
  };
}
