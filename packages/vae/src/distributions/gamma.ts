import {
  digamma,
  lgamma,
  log,
  random,
  stopGradient,
  type Tensor,
  type TensorLike,
} from '@grad/core';
import type { Distribution } from './distribution.ts';
import { aligned, checkPositive, drawDtype, timesLog, valueLike } from './parameters.ts';

/** What {@link gamma} makes. */
export interface Gamma extends Distribution {
  readonly kind: 'gamma';
  readonly concentration: Tensor;
  readonly rate: Tensor;
}

/**
 * Gamma distributions, of density rate^a x^(a-1) exp(-rate x) / Gamma(a). Draws are differentiated
 * implicitly, through the distribution function.
 *
 * @param concentration a, also called the shape
 * @param rate 1 over the scale, which broadcasts with the concentration
 * @throws RangeError when a parameter that is known is not positive and finite.
 * @see Figurnov, Mohamed and Mnih, Implicit Reparameterization Gradients, NeurIPS 2018, eq. 5.
 */
export function gamma(concentration: TensorLike, rate: TensorLike): Gamma {
  const [a, b] = aligned('gamma', [concentration, rate]);
  if (!a || !b) throw new Error('unreachable');
  checkPositive('gamma', 'concentration', a);
  checkPositive('gamma', 'rate', b);
  const rsample = (key: Tensor, shape: readonly number[] = []): Tensor =>
    random.gamma(key, a, [...shape, ...a.shape], drawDtype(a)).div(b);
  return {
    kind: 'gamma',
    concentration: a,
    rate: b,
    batchShape: a.shape,
    eventShape: [],
    rsample,
    sample: (key, shape) => stopGradient(rsample(key, shape)),
    logProb: (x) => {
      const at = valueLike(a, x);
      return timesLog(a.sub(1), at)
        .add(a.mul(log(b)))
        .sub(b.mul(at))
        .sub(lgamma(a));
    },
    entropy: () =>
      a
        .sub(log(b))
        .add(lgamma(a))
        .sub(a.sub(1).mul(digamma(a))),
    mean: () => a.div(b),
    variance: () => a.div(b.square()),
    detach: () => gamma(stopGradient(a), stopGradient(b)),
  };
}
