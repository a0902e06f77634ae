import { type Argument, type Tensor, tree, valueAndGrad } from '@grad/core';
import type { GradientTransformation } from '@grad/optim';
import { scalarLoss } from './check.ts';
import { asTensors } from './meta-learner.ts';
import { type UnrollOptions, unrollNamed } from './unroll.ts';

/** Options of `unrolledHyperGradient`. */
export interface HyperGradientOptions<H, S> extends Omit<UnrollOptions<S>, 'optimizer'> {
  /** A gradient transformation, or a function that makes one from the hyperparameters. */
  readonly optimizer: GradientTransformation<S> | ((hyper: H) => GradientTransformation<S>);
}

/** What training came to, and how that depends on the hyperparameters. */
export interface HyperGradient<H, P> {
  /** The loss to be judged by, after training. */
  readonly value: Tensor;
  /** Its gradient in the hyperparameters. */
  readonly gradient: H;
  /** The parameters after training. */
  readonly params: P;
}

/**
 * The gradient of a validation loss in hyperparameters (penalties, weights of examples, learning rates),
 * through all steps of training. With a `checkpoint`, its memory does not grow with their number.
 *
 * @param trainLoss a scalar of parameters and hyperparameters, which is trained on
 * @param validationLoss a scalar of the trained parameters and of the hyperparameters
 * @param hyper a tree of floats
 * @param params where training starts, a tree of floats
 * @throws RangeError when steps is no whole number of 0 or more; ShapeError when a loss is no scalar.
 * @see D. Maclaurin et al., Gradient-based Hyperparameter Optimization through Reversible Learning (2015).
 */
export function unrolledHyperGradient<H, P, S>(
  trainLoss: (params: P, hyper: H) => Tensor,
  validationLoss: (params: P, hyper: H) => Tensor,
  hyper: Argument<H>,
  params: Argument<P>,
  options: HyperGradientOptions<H, S>,
): HyperGradient<H, P> {
  const name = 'unrolledHyperGradient';
  const [leaves, structure] = tree.flatten(hyper);
  const after = (given: readonly Tensor[]): [Tensor, P] => {
    const own = tree.unflatten<H>(structure, given);
    const optimizer =
      typeof options.optimizer === 'function' ? options.optimizer(own) : options.optimizer;
    const along = (at: P): Tensor => trainLoss(at, own);
    const end = unrollNamed<P, S>(name, along, asTensors<P>(params), { ...options, optimizer });
    return [scalarLoss(name, validationLoss(end, own)), end];
  };
  const [[value, end], gradient] = valueAndGrad(after, { hasAux: true })(leaves);
  return { value, gradient: tree.unflatten<H>(structure, gradient), params: end };
}
