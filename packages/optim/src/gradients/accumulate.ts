import { cond, mod, type Tensor, type Traced, tensor, tree } from '@grad/core';
import { checkCount } from '../options.ts';
import { checkAlike, type GradientTransformation, zerosLike } from './gradient-transformation.ts';

/** State of `accumulate`. */
export interface AccumulateState<S> {
  /** Gradients since the last update. */
  readonly count: Tensor;
  /** Their sums, one for each leaf of the parameters. */
  readonly sums: readonly Tensor[];
  readonly inner: S;
}

/**
 * An update from the mean of so many gradients, as from a batch that is as many times as large; in
 * between updates are 0.
 *
 * @throws RangeError when `steps` is not a whole number of 1 or more.
 */
export function accumulate<S>(
  inner: GradientTransformation<S>,
  steps: number,
): GradientTransformation<AccumulateState<S>> {
  checkCount('accumulate', 'steps', steps, 1);
  return {
    init: (params) => ({
      count: tensor(0, { dtype: 'int32' }),
      sums: zerosLike(tree.leaves(params)),
      inner: inner.init(params),
    }),
    update<const G>(grads: G, state: AccumulateState<S>, params?: unknown) {
      const [leaves, structure] = tree.flatten(grads);
      checkAlike('accumulate', 'the state', leaves, state.sums);
      const sums = leaves.map((grad, i) => grad.add(state.sums[i] ?? 0));
      const count = state.count.add(1);
      const [innerLeaves, innerStructure] = tree.flatten(state.inner);
      const [updates, nextSums, nextInner] = cond(
        count.ge(steps),
        (all: readonly Tensor[], own: readonly Tensor[]): readonly Tensor[][] => {
          const mean = all.map((sum) => sum.div(steps));
          const [made, next] = inner.update(
            tree.unflatten<unknown>(structure, mean),
            tree.unflatten<S>(innerStructure, own),
            params,
          );
          return [tree.leaves(made), zerosLike(all), tree.leaves(next)];
        },
        (all: readonly Tensor[], own: readonly Tensor[]): readonly Tensor[][] => [
          zerosLike(all),
          [...all],
          [...own],
        ],
        sums,
        innerLeaves,
      );
      return [
        tree.unflatten<Traced<G>>(structure, updates ?? []),
        {
          count: mod(count, steps),
          sums: nextSums ?? [],
          inner: tree.unflatten<S>(innerStructure, nextInner ?? []),
        },
      ];
    },
  };
}
