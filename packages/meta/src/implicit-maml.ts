import { grad, implicitRoot, stopGradient, type Tensor, tensor, tree } from '@grad/core';
import type { SgdState } from '@grad/optim';
import { cg } from '@grad/solve';
import { scalarLoss } from './check.ts';
import { type InnerOptions, innerOptimizer } from './inner-options.ts';
import { type MetaLearner, metaLearner } from './meta-learner.ts';
import { unrollNamed } from './unroll.ts';

/** Options of `implicitMaml`. */
export interface ImplicitMamlOptions<S = SgdState>
  extends Omit<InnerOptions<S>, 'firstOrder' | 'checkpoint'> {
  /** Weight of half the squared distance from theta, above 0: a number, or a tensor to be learned as well. */
  readonly lambda: number | Tensor;
  /** Most iterations of conjugate gradients for the derivative; 5 when left out, as in the paper. */
  readonly cgSteps?: number;
  /** Relative residual to stop them at; 1e-10 when left out. */
  readonly cgTolerance?: number;
}

/**
 * MAML with implicit gradients: the adapted parameters are the minimum of the loss on the support plus
 * `lambda / 2 |phi - theta|^2`, and the derivative is that of the minimum, `(I + H / lambda)^-1`, by
 * conjugate gradients. It does not depend on the way to the minimum, whose steps are not kept; so
 * `innerSteps` must suffice to come near it.
 *
 * @param loss a scalar of parameters and data, pure
 * @throws RangeError when an option makes no sense; TypeError when there is not one of innerLearningRate and
 * optimizer.
 * @see A. Rajeswaran, C. Finn, S. Kakade and S. Levine, Meta-Learning with Implicit Gradients (2019),
 * equation 6 and algorithm 2.
 */
export function implicitMaml<P, D, S = SgdState>(
  loss: (params: P, data: D) => Tensor,
  options: ImplicitMamlOptions<S>,
): MetaLearner<P, P, D> {
  const name = 'implicitMaml';
  const { lambda, innerSteps, cgSteps = 5, cgTolerance = 1e-10 } = options;
  const optimizer = innerOptimizer(name, options);
  if (typeof lambda === 'number' && !(lambda > 0 && Number.isFinite(lambda))) {
    throw new RangeError(`${name}: lambda is ${lambda}; give a finite number above 0.`);
  }
  if (!Number.isInteger(cgSteps) || cgSteps < 1) {
    throw new RangeError(`${name}: cgSteps is ${cgSteps}; give a whole number of 1 or more.`);
  }
  const adapt = (theta: P, support: D, steps: number): P => {
    const [start, unravel] = tree.ravel(theta);
    const [, structure] = tree.flatten(theta);
    const weight = tensor(lambda).astype(start.dtype);
    const ofVector = (phi: Tensor): Tensor =>
      scalarLoss(name, loss(tree.unflatten<P>(structure, tree.leaves(unravel(phi))), support));
    const minimum = implicitRoot(
      (phi: Tensor, center: Tensor) => phi.sub(center).add(grad(ofVector)(phi).div(weight)),
      (center: Tensor) => {
        const near = (own: P): Tensor => {
          const [phi] = tree.ravel(own);
          const pull = phi.sub(center).square().sum().mul(weight).div(2);
          return scalarLoss(name, loss(own, support)).add(pull);
        };
        const from = unravel(stopGradient(center));
        const end = unrollNamed<P, S | SgdState>(name, near, from, { optimizer, steps });
        return tree.ravel(end)[0];
      },
      start,
      { linearSolve: (A, b) => cg(A, b, { maxIterations: cgSteps, tol: cgTolerance }).x },
    );
    return tree.unflatten<P>(structure, tree.leaves(unravel(minimum)));
  };
  return metaLearner(name, loss, innerSteps, adapt);
}
