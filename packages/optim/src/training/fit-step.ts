import {
  isfinite,
  jit,
  logicalAnd,
  random,
  type Tensor,
  type Traced,
  tree,
  valueAndGrad,
} from '@grad/core';
import { applyUpdates } from '../gradients/apply-updates.ts';
import type { GradientTransformation } from '../gradients/gradient-transformation.ts';
import { patientCall } from '../patient-call.ts';
import type { Loss } from './fit-options.ts';

/** What a step changes. */
export interface FitState<P, S, M> {
  readonly params: Traced<P>;
  readonly optimizerState: S;
  readonly modelState: M;
}

/** A step as one compiled call; for batches of another shape another is compiled. */
export function fitStep<const P, B, S, M>(
  loss: Loss<P, B, M>,
  optimizer: GradientTransformation<S>,
  start: FitState<P, S, M>,
  key: Tensor,
) {
  const structures = {
    params: tree.flatten(start.params)[1],
    optimizerState: tree.flatten(start.optimizerState)[1],
    modelState: tree.flatten(start.modelState)[1],
  };
  const stateOf = (leaves: Leaves): FitState<P, S, M> => ({
    params: tree.unflatten<Traced<P>>(structures.params, leaves.params),
    optimizerState: tree.unflatten<S>(structures.optimizerState, leaves.optimizerState),
    modelState: tree.unflatten<M>(structures.modelState, leaves.modelState),
  });
  const step = jit((leaves: Leaves, batch: unknown, count: Tensor): Stepped => {
    const { params, optimizerState, modelState } = stateOf(leaves);
    const own = tree.unflatten<B>(tree.flatten(batch)[1], tree.leaves(batch));
    const lossOf = (list: readonly Tensor[]): readonly [Tensor, readonly Tensor[]] => {
      const at = tree.unflatten<Traced<P>>(structures.params, list);
      const context = { step: count, key: random.foldIn(key, count), modelState };
      const result = loss(at, own, context);
      const [scalar, next] = isPair(result) ? result : [result, null];
      checkModelState(modelState, next);
      return [scalar, tree.leaves(next)];
    };
    const [[value, next], grads] = valueAndGrad(lossOf, { hasAux: true })(leaves.params);
    const [updates, state] = optimizer.update(
      tree.unflatten<unknown>(structures.params, grads),
      optimizerState,
      params,
    );
    const moved = tree.leaves(applyUpdates(params, updates));
    const after = { params: moved, optimizerState: tree.leaves(state), modelState: next };
    const isGood = moved.reduce(
      (good, leaf) => logicalAnd(good, isfinite(leaf).all()),
      isfinite(value),
    );
    return { leaves: after, value, isGood };
  });
  const call = patientCall(step);
  return async (state: FitState<P, S, M>, batch: B, count: Tensor, signal?: AbortSignal) => {
    const leaves = {
      params: tree.leaves(state.params),
      optimizerState: tree.leaves(state.optimizerState),
      modelState: tree.leaves(state.modelState),
    };
    const stepped = await call([leaves, batch, count], signal);
    return {
      state: stateOf(stepped.leaves),
      value: stepped.value.item(),
      isGood: stepped.isGood.item() !== 0,
    };
  };
}

interface Leaves {
  readonly params: readonly Tensor[];
  readonly optimizerState: readonly Tensor[];
  readonly modelState: readonly Tensor[];
}

interface Stepped {
  readonly leaves: Leaves;
  readonly value: Tensor;
  readonly isGood: Tensor;
}

function isPair<M>(result: Tensor | readonly [Tensor, M]): result is readonly [Tensor, M] {
  return Array.isArray(result);
}

function checkModelState(given: unknown, returned: unknown): void {
  try {
    tree.map((leaf) => leaf, given, returned);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(
      `fit: the loss returns [loss, modelState] with a model state like that of the options, or the loss alone where there is none. ${why}`,
      { cause },
    );
  }
}
