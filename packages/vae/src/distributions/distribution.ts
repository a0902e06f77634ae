import type { Shape, Tensor, TensorLike } from '@grad/core';

/**
 * A distribution, or a batch of them. Shapes are as in `torch.distributions`: a draw has the shape
 * `[...shape, ...batchShape, ...eventShape]`, where `shape` is asked for, `batchShape` counts
 * distributions that differ in their parameters, and `eventShape` is that of one draw, whose
 * elements may depend on each other. Log probabilities have no event axes.
 */
export interface Distribution {
  /** Name of the function that made it, such as `normal`. */
  readonly kind: string;
  readonly batchShape: Shape;
  readonly eventShape: Shape;
  /** Draws without derivatives. */
  sample(key: Tensor, shape?: Shape): Tensor;
  /**
   * Draws as differentiable functions of the parameters.
   *
   * @throws TypeError when the distribution has none, such as `bernoulli`.
   */
  rsample(key: Tensor, shape?: Shape): Tensor;
  /** Logarithm of the density, or of the probability, at x: shape `[..., ...batchShape]`. */
  logProb(x: TensorLike): Tensor;
  /** In nats, of shape `batchShape`. */
  entropy(): Tensor;
  /** Shape `[...batchShape, ...eventShape]`. */
  mean(): Tensor;
  /** Variance of each element, shape `[...batchShape, ...eventShape]`. */
  variance(): Tensor;
  /** The same distribution with parameters that derivatives do not pass. */
  detach(): Distribution;
}
