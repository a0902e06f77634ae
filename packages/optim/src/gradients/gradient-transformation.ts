import { ShapeError, type Tensor, type Traced, tree, zeros } from '@grad/core';

/**
 * What makes updates of parameters out of gradients, with a state of its own: the shape of the
 * optimizers and of what can be put before or after them, in the manner of optax.
 *
 * All three arguments are trees of one structure, the state is a tree of tensors; so an update can be part
 * of a function that is compiled, mapped or differentiated. Lists in a state are in the order of
 * `tree.leaves(params)`.
 */
export interface GradientTransformation<S> {
  /** The state before the first update. */
  init(params: unknown): S;
  /**
   * What to add to the parameters, and the next state. Some need the parameters, and say so when they
   * are left out.
   *
   * @throws ShapeError when gradients and state do not belong together.
   */
  update<const G>(grads: G, state: S, params?: unknown): [updates: Traced<G>, state: S];
}

/** A transformation of the leaves of a tree, which need not know its structure. */
export interface LeafRule<S> {
  init(params: readonly Tensor[]): S;
  update(
    grads: readonly Tensor[],
    state: S,
    params: () => readonly Tensor[],
  ): [updates: readonly Tensor[], state: S];
  /** Lists in a state that have an element for each leaf. */
  lists(state: S): readonly (readonly Tensor[])[];
}

/** A gradient transformation from its rule for leaves. */
export function leafwise<S>(name: string, rule: LeafRule<S>): GradientTransformation<S> {
  return {
    init: (params) => rule.init(tree.leaves(params)),
    update<const G>(grads: G, state: S, params?: unknown) {
      const [leaves, structure] = tree.flatten(grads);
      for (const list of rule.lists(state)) checkAlike(name, 'the state', leaves, list);
      const parameters = (): readonly Tensor[] => {
        if (params === undefined) {
          throw new TypeError(
            `${name}: the update needs the parameters; call update(grads, state, params).`,
          );
        }
        const own = tree.leaves(params);
        checkAlike(name, 'the parameters', leaves, own);
        return own;
      };
      const [updates, next] = rule.update(leaves, state, parameters);
      return [tree.unflatten<Traced<G>>(structure, updates), next];
    },
  };
}

/** Refuses leaves that differ in number or shape. */
export function checkAlike(
  name: string,
  what: string,
  grads: readonly Tensor[],
  others: readonly Tensor[],
): void {
  if (grads.length !== others.length) {
    throw new ShapeError(
      `${name}: the gradients have ${grads.length} leaves and ${what} ${others.length}; all are trees of one structure.`,
    );
  }
  grads.forEach((grad, i) => {
    const other = others[i];
    if (other === undefined || grad.shape.join() === other.shape.join()) return;
    throw new ShapeError(
      `${name}: leaf ${i} of the gradients has shape [${grad.shape.join(', ')}], of ${what} [${other.shape.join(', ')}]. Make the state by init(params) of these parameters.`,
    );
  });
}

/** A list of zeros in the shapes and dtypes of leaves. */
export function zerosLike(leaves: readonly Tensor[]): Tensor[] {
  return leaves.map((leaf) => zeros(leaf.shape, { dtype: leaf.dtype }));
}
