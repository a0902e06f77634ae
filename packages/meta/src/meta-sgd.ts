import { type Argument, full, type Tensor, tree } from '@grad/core';
import { sgd } from '@grad/optim';
import type { InnerOptions } from './inner-options.ts';
import { adaptation } from './maml.ts';
import { type MetaLearner, metaLearner } from './meta-learner.ts';

/** What Meta-SGD learns. */
export interface MetaSgdParams<P> {
  /** Where each task starts. */
  readonly params: P;
  /** Step size of each element of the parameters, negative ones too: a tree like theirs. */
  readonly rates: P;
}

/** Options of `metaSgd`. */
export type MetaSgdOptions = Omit<InnerOptions, 'innerLearningRate' | 'optimizer'>;

/** A meta-learner of a start and of step sizes. */
export interface MetaSgd<P, D> extends MetaLearner<MetaSgdParams<P>, P, D> {
  /** Parameters with the same step size for all of their elements, to begin with. */
  init(params: Argument<P>, rate: number): MetaSgdParams<P>;
}

/**
 * Meta-SGD: `maml` whose step size is a parameter for each element of the model's parameters, so that not
 * only the start is learned, but also along which directions to go and how far.
 *
 * @param loss a scalar of parameters and data, pure
 * @throws RangeError when innerSteps is no whole number of 0 or more.
 * @see Z. Li et al., Meta-SGD: Learning to Learn Quickly for Few-Shot Learning (2017), equation 2.
 */
export function metaSgd<P, D>(
  loss: (params: P, data: D) => Tensor,
  options: MetaSgdOptions,
): MetaSgd<P, D> {
  const adapt = ({ params, rates }: MetaSgdParams<P>, support: D, steps: number): P => {
    const optimizer = sgd({ learningRate: { rates } });
    const move = adaptation<P, D, unknown>('metaSgd', loss, { ...options, optimizer });
    return move(params, support, steps);
  };
  const learner = metaLearner('metaSgd', loss, options.innerSteps, adapt);
  return Object.assign(learner, {
    init(params: Argument<P>, rate: number): MetaSgdParams<P> {
      const [leaves, structure] = tree.flatten(params);
      const rates = leaves.map((leaf) => full(leaf.shape, rate, { dtype: leaf.dtype }));
      return {
        params: tree.unflatten<P>(structure, leaves),
        rates: tree.unflatten<P>(structure, rates),
      };
    },
  });
}
