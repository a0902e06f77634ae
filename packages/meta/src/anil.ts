import type { Tensor } from '@grad/core';
import type { SgdState } from '@grad/optim';
import type { InnerOptions } from './inner-options.ts';
import { adaptation } from './maml.ts';
import { type MetaLearner, metaLearner } from './meta-learner.ts';

/**
 * Almost no inner loop: `maml` that adapts the head of a model alone. The body is shared by all tasks,
 * and its gradient comes from their queries and through the steps of the heads.
 *
 * @param loss a scalar of `{ body, head }` and data, pure; both are trees
 * @throws RangeError when innerSteps is no whole number of 0 or more; TypeError when there is not one of
 * innerLearningRate and optimizer.
 * @see A. Raghu et al., Rapid Learning or Feature Reuse? Towards Understanding the Effectiveness of MAML (2020).
 */
export function anil<B, H, D, S = SgdState>(
  loss: (params: { body: B; head: H }, data: D) => Tensor,
  options: InnerOptions<S>,
): MetaLearner<{ body: B; head: H }, { body: B; head: H }, D> {
  const adapt = (
    { body, head }: { body: B; head: H },
    support: D,
    steps: number,
  ): { body: B; head: H } => {
    const ofHead = (own: H, data: D): Tensor => loss({ body, head: own }, data);
    return { body, head: adaptation('anil', ofHead, options)(head, support, steps) };
  };
  return metaLearner('anil', loss, options.innerSteps, adapt);
}
