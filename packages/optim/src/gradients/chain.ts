import { type Traced, tree } from '@grad/core';
import type { GradientTransformation } from './gradient-transformation.ts';

/**
 * Transformations one after the other, as one: each gets the updates of the one before it, as in
 * `chain(clipByGlobalNorm(1), adam({ learningRate: 1e-3 }))`. The state is the list of theirs.
 */
export function chain<S extends readonly unknown[]>(
  ...parts: { readonly [K in keyof S]: GradientTransformation<S[K]> }
): GradientTransformation<S>;
export function chain(
  ...parts: readonly GradientTransformation<unknown>[]
): GradientTransformation<readonly unknown[]> {
  return {
    init: (params) => parts.map((part) => part.init(params)),
    update<const G>(grads: G, states: readonly unknown[], params?: unknown) {
      if (states.length !== parts.length) {
        throw new TypeError(
          `chain: the state belongs to ${states.length} transformations and there are ${parts.length}; make it by init(params).`,
        );
      }
      let updates: Traced<G> = tree.map((grad) => grad, grads);
      const next: unknown[] = [];
      for (const [i, part] of parts.entries()) {
        const [leaves, state] = updateLeaves(part, updates, states[i], params);
        updates = tree.unflatten<Traced<G>>(tree.flatten(updates)[1], leaves);
        next.push(state);
      }
      return [updates, next];
    },
  };
}

function updateLeaves<S>(
  part: GradientTransformation<S>,
  grads: unknown,
  state: S,
  params: unknown,
): [ReturnType<typeof tree.leaves>, S] {
  const [updates, next] = part.update(grads, state, params);
  return [tree.leaves(updates), next];
}
