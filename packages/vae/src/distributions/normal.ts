import { log, random, stopGradient, type Tensor, type TensorLike } from '@grad/core';
import type { Distribution } from './distribution.ts';
import { aligned, checkPositive, drawDtype, valueLike } from './parameters.ts';

/** What {@link normal} makes. */
export interface Normal extends Distribution {
  readonly kind: 'normal';
  readonly loc: Tensor;
  readonly scale: Tensor;
}

/**
 * Normal distributions; draws are loc + scale e, with e of mean 0 and standard deviation 1.
 *
 * @param loc mean
 * @param scale standard deviation, which broadcasts with loc
 * @throws RangeError when a scale that is known is not positive and finite.
 * @see Kingma and Welling, Auto-Encoding Variational Bayes, ICLR 2014, section 2.4.
 */
export function normal(loc: TensorLike, scale: TensorLike): Normal {
  const [m, s] = aligned('normal', [loc, scale]);
  if (!m || !s) throw new Error('unreachable');
  checkPositive('normal', 'scale', s);
  const rsample = (key: Tensor, shape: readonly number[] = []): Tensor =>
    random
      .normal(key, [...shape, ...m.shape], drawDtype(m))
      .mul(s)
      .add(m);
  return {
    kind: 'normal',
    loc: m,
    scale: s,
    batchShape: m.shape,
    eventShape: [],
    rsample,
    sample: (key, shape) => stopGradient(rsample(key, shape)),
    logProb: (x) =>
      valueLike(m, x)
        .sub(m)
        .div(s)
        .square()
        .mul(-0.5)
        .sub(log(s))
        .sub(0.5 * Math.log(2 * Math.PI)),
    entropy: () => log(s).add(0.5 * Math.log(2 * Math.PI) + 0.5),
    mean: () => m,
    variance: () => s.square(),
    detach: () => normal(stopGradient(m), stopGradient(s)),
  };
}
