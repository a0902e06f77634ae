import {
  digamma,
  lgamma,
  random,
  ShapeError,
  stopGradient,
  type Tensor,
  type TensorLike,
} from '@grad/core';
import type { Distribution } from './distribution.ts';
import { aligned, checkPositive, drawDtype, timesLog, valueLike } from './parameters.ts';

/** What {@link dirichlet} makes. */
export interface Dirichlet extends Distribution {
  readonly kind: 'dirichlet';
  readonly concentration: Tensor;
}

/**
 * Dirichlet distributions: points of a simplex, each an event of k coordinates that sum to 1.
 *
 * @param concentration positive, shape `[...batchShape, k]`
 * @throws ShapeError when the concentration is a scalar; RangeError when one that is known is not
 *   positive and finite.
 */
export function dirichlet(concentration: TensorLike): Dirichlet {
  const [alpha] = aligned('dirichlet', [concentration]);
  const k = alpha?.shape.at(-1);
  if (!alpha || k === undefined) {
    throw new ShapeError(
      'dirichlet: the concentration is a scalar; it needs one number for each coordinate on its last axis.',
    );
  }
  checkPositive('dirichlet', 'concentration', alpha);
  const batchShape = alpha.shape.slice(0, -1);
  const last = { axis: -1 };
  const total = alpha.sum(last);
  const share = (): Tensor => alpha.div(total.expandDims(-1));
  const rsample = (key: Tensor, shape: readonly number[] = []): Tensor =>
    random.dirichlet(key, alpha, [...shape, ...batchShape], drawDtype(alpha));
  const logBeta = (): Tensor => lgamma(alpha).sum(last).sub(lgamma(total));
  return {
    kind: 'dirichlet',
    concentration: alpha,
    batchShape,
    eventShape: [k],
    rsample,
    sample: (key, shape) => stopGradient(rsample(key, shape)),
    logProb: (x) => timesLog(alpha.sub(1), valueLike(alpha, x)).sum(last).sub(logBeta()),
    entropy: () =>
      logBeta()
        .add(total.sub(k).mul(digamma(total)))
        .sub(alpha.sub(1).mul(digamma(alpha)).sum(last)),
    mean: share,
    variance: () => share().mul(share().neg().add(1)).div(total.add(1).expandDims(-1)),
    detach: () => dirichlet(stopGradient(alpha)),
  };
}
