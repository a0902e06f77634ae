import { ShapeError, type Tensor } from '@grad/core';
import type { Distribution } from '../distributions/distribution.ts';

/** A model of x through latent variables z, and an approximation of their posterior given x. */
export interface LatentModel {
  /** q(z|x), with a batch for the examples. */
  readonly posterior: Distribution;
  /** p(z); its batch broadcasts to that of the posterior. */
  readonly prior: Distribution;
  /** log p(x|z) of draws `z` of shape `[draws, ...batchShape, ...eventShape]`: `[draws, ...batchShape]`. */
  readonly logLikelihood: (z: Tensor) => Tensor;
}

/** Draws of the posterior and the terms of log p(x, z) - log q(z|x). */
export interface Terms {
  readonly logLikelihood: Tensor;
  readonly logPrior: Tensor;
  readonly logPosterior: Tensor;
}

/** @throws ShapeError when the log likelihood has another shape than it must have. */
export function termsAt(
  name: string,
  { posterior, prior, logLikelihood }: LatentModel,
  z: Tensor,
  frozen: boolean,
): Terms {
  const log = logLikelihood(z);
  const wanted = z.shape.slice(0, z.ndim - posterior.eventShape.length);
  if (log.ndim !== wanted.length || log.shape.some((extent, axis) => extent !== wanted[axis])) {
    throw new ShapeError(
      `${name}: logLikelihood has shape [${log.shape.join(', ')}] for z of shape [${z.shape.join(', ')}]; ` +
        `it must be [${wanted.join(', ')}], one number for each draw of each example. Sum over the parts of x, as independent does.`,
    );
  }
  return {
    logLikelihood: log,
    logPrior: prior.logProb(z),
    logPosterior: (frozen ? posterior.detach() : posterior).logProb(z),
  };
}

/** @throws RangeError when the number of draws is no whole number of 1 or more. */
export function checkDraws(name: string, draws: number): void {
  if (Number.isInteger(draws) && draws >= 1) return;
  throw new RangeError(`${name}: draws is ${draws}; it must be a whole number of 1 or more.`);
}

/** @throws TypeError when a choice is none of those there are. */
export function checkOneOf(
  name: string,
  option: string,
  value: string,
  known: readonly string[],
): void {
  if (known.includes(value)) return;
  throw new TypeError(
    `${name}: ${option} is '${value}'; it must be ${known.map((each) => `'${each}'`).join(' or ')}.`,
  );
}
