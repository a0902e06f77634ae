import { type Argument, type Tensor, tree, vmap } from '@grad/core';
import { checkSteps, checkTask, scalarLoss } from './check.ts';

/** A task: data to adapt to, and other data of the same kind by which the result is judged. */
export interface Task<D> {
  readonly support: D;
  readonly query: D;
}

/** What came of a task. */
export interface Adaptation<P> {
  /** Loss of the adapted parameters on the query, a scalar: what meta-learning makes small. */
  readonly loss: Tensor;
  /** Parameters after the inner steps. */
  readonly params: P;
}

/** What came of several tasks. */
export interface Adaptations<P> {
  /** Mean of the losses. */
  readonly loss: Tensor;
  /** The loss of each task, shape `[tasks]`. */
  readonly losses: Tensor;
  /** The parameters of each task: leaves with a first axis of tasks. */
  readonly params: P;
}

/** How to adapt at another time than while learning to. */
export interface AdaptOptions {
  /** As many inner steps in place of `innerSteps`. */
  readonly steps?: number;
}

/**
 * Adapts meta-parameters M to tasks; P are the parameters of the model, D is the data of the loss. All
 * that it does can be compiled, batched, and differentiated in M and in what its options close over.
 */
export interface MetaLearner<M, P, D> {
  /**
   * Adapts to the support of a task, and judges by its query.
   *
   * @throws TypeError when the task has no support or no query; ShapeError when a loss is no scalar.
   */
  (meta: Argument<M>, task: Task<Argument<D>>): Adaptation<P>;
  /** The adapted parameters alone. */
  adapt(meta: Argument<M>, support: Argument<D>, options?: AdaptOptions): P;
  /**
   * Adapts to several tasks side by side: every leaf has a first axis of tasks.
   *
   * @throws ShapeError when these axes differ.
   */
  batch(meta: Argument<M>, tasks: Task<Argument<D>>): Adaptations<P>;
}

/** A meta-learner from how it adapts. */
export function metaLearner<M, P, D>(
  name: string,
  loss: (params: P, data: D) => Tensor,
  innerSteps: number,
  adapt: (meta: M, support: D, steps: number) => P,
  judge = (_: M, params: P, query: D): Tensor => scalarLoss(name, loss(params, query)),
): MetaLearner<M, P, D> {
  const one = (meta: unknown, task: Task<unknown>): Adaptation<P> => {
    checkTask(name, task);
    const start = asTensors<M>(meta);
    const params = adapt(start, asTensors<D>(task.support), innerSteps);
    return { loss: judge(start, params, asTensors<D>(task.query)), params };
  };
  return Object.assign(one, {
    adapt(meta: unknown, support: unknown, { steps = innerSteps }: AdaptOptions = {}): P {
      checkSteps(name, 'steps', steps);
      return adapt(asTensors<M>(meta), asTensors<D>(support), steps);
    },
    batch(meta: unknown, { support, query }: Task<unknown>): Adaptations<P> {
      checkTask(name, { support, query });
      const [data, structure] = tree.flatten({ support, query });
      const each = vmap((leaves: readonly Tensor[]) =>
        one(meta, tree.unflatten<Task<unknown>>(structure, leaves)),
      );
      const { loss: losses, params } = each(data);
      return { loss: losses.mean(), losses, params };
    },
  });
}

/** A tree with tensors for numbers and arrays. */
export function asTensors<T>(values: unknown): T {
  const [leaves, structure] = tree.flatten(values);
  return tree.unflatten<T>(structure, leaves);
}
