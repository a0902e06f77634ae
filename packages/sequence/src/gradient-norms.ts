import { grad, type Tensor, zeros } from '@grad/core';
import type { Recurrent, RunOptions, RunResult } from './recurrent-layer.ts';

/** Gradients that reach each step. */
export interface GradientNorms {
  /** dL/dh after each step, `[steps, ...batch, hidden]`. */
  readonly gradients: Tensor;
  /** Their Euclidean norms over hidden units, `[steps, ...batch]`. */
  readonly norms: Tensor;
}

/**
 * How much the loss depends on the hidden state after each step: where the norms fall towards 0 on the
 * way back the gradient vanishes, where they grow it explodes (Pascanu, Mikolov and Bengio 2013).
 *
 * @param x `[steps, ...batch, inputs]`, of the dtype of the parameters
 * @throws ShapeError when shapes do not fit.
 */
export function gradientNorms<P, S>(
  layer: Recurrent<P, S>,
  params: P,
  x: Tensor,
  loss: (result: RunResult<S>) => Tensor,
  options: Omit<RunOptions<S>, 'disturbance'> = {},
): GradientNorms {
  const none = zeros([...x.shape.slice(0, -1), layer.hidden], { dtype: x.dtype });
  const gradients = grad((disturbance: Tensor) =>
    loss(layer.apply(params, x, { ...options, disturbance })),
  )(none);
  return { gradients, norms: gradients.mul(gradients).sum({ axis: -1 }).sqrt() };
}
