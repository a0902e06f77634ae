import type { Tensor } from '@grad/core';
import type { SgdState } from '@grad/optim';
import { type InnerOptions, innerOptimizer } from './inner-options.ts';
import { type MetaLearner, metaLearner } from './meta-learner.ts';
import { unrollNamed } from './unroll.ts';

/**
 * Model-agnostic meta-learning: `maml(loss, options)(theta, task)` takes some steps from theta on the support
 * of a task, and gives the loss on its query. Its gradient in theta goes through the steps, second
 * derivatives included, or with `firstOrder` not; that in the step size comes the same way. What is
 * learned is a start from which few steps suffice.
 *
 * @param loss a scalar of parameters and data, pure
 * @throws RangeError when innerSteps is no whole number of 0 or more; TypeError when there is not one of
 * innerLearningRate and optimizer.
 * @see C. Finn, P. Abbeel and S. Levine, Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks
 * (2017), algorithm 1.
 */
export function maml<P, D, S = SgdState>(
  loss: (params: P, data: D) => Tensor,
  options: InnerOptions<S>,
): MetaLearner<P, P, D> {
  return metaLearner('maml', loss, options.innerSteps, adaptation('maml', loss, options));
}

/** How parameters move on the support of a task. */
export function adaptation<P, D, S>(
  name: string,
  loss: (params: P, data: D) => Tensor,
  options: InnerOptions<S>,
): (params: P, support: D, steps: number) => P {
  const { firstOrder = false, checkpoint = 'store' } = options;
  const optimizer = innerOptimizer(name, options);
  return (params, support, steps) => {
    const along = (own: P): Tensor => loss(own, support);
    return unrollNamed<P, S | SgdState>(name, along, params, {
      optimizer,
      steps,
      firstOrder,
      checkpoint,
    });
  };
}
