import { stopGradient, type Tensor, tree } from '@grad/core';
import type { SgdState } from '@grad/optim';
import type { InnerOptions } from './inner-options.ts';
import { adaptation } from './maml.ts';
import { type MetaLearner, metaLearner } from './meta-learner.ts';

/**
 * Reptile: moves theta towards the parameters that were adapted to a task. The loss of an adaptation is
 * half the squared distance to them, taken as constants; its gradient is theta minus the
 * adapted parameters, so that any optimizer makes a Reptile of it: gradient descent at rate 1 goes all the way.
 * Queries are not looked at; `support` may be given twice.
 *
 * @param loss a scalar of parameters and data, pure
 * @throws RangeError when innerSteps is no whole number of 0 or more; TypeError when there is not one of
 * innerLearningRate and optimizer.
 * @see A. Nichol, J. Achiam and J. Schulman, On First-Order Meta-Learning Algorithms (2018), algorithm 2.
 */
export function reptile<P, D, S = SgdState>(
  loss: (params: P, data: D) => Tensor,
  options: Omit<InnerOptions<S>, 'firstOrder' | 'checkpoint'>,
): MetaLearner<P, P, D> {
  const move = adaptation('reptile', loss, options);
  const adapt = (theta: P, support: D, steps: number): P =>
    tree.unflatten<P>(
      tree.flatten(theta)[1],
      tree.leaves(move(theta, support, steps)).map((leaf) => stopGradient(leaf)),
    );
  const distance = (theta: P, adapted: P): Tensor => {
    const ends = tree.leaves(adapted);
    return tree
      .leaves(theta)
      .map((start, i) =>
        start
          .sub(ends[i] ?? start)
          .square()
          .sum()
          .mul(0.5),
      )
      .reduce((sum, part) => sum.add(part));
  };
  return metaLearner('reptile', loss, options.innerSteps, adapt, distance);
}
