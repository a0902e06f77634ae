import { type Tensor, type Traced, tree } from '@grad/core';
import type { GradientTransformation } from './gradient-transformation.ts';

/**
 * Which parameters are meant: a tree of booleans in the structure of the parameters, where one boolean
 * may stand for a whole branch; or a function that makes such a tree from the parameters.
 */
export type Mask = boolean | object | ((params: unknown) => boolean | object);

/**
 * A transformation of those gradients alone that a mask names; others pass as they are, as in optax. To
 * keep parameters as they are, put `freeze` last.
 *
 * @throws TypeError when the mask does not fit the gradients.
 */
export function masked<S>(inner: GradientTransformation<S>, mask: Mask): GradientTransformation<S> {
  const pick = (of: unknown): Tensor[] => {
    const flags = flagsOf('masked', mask, of);
    return tree.leaves(of).filter((_, i) => flags[i]);
  };
  return {
    init: (params) => inner.init(pick(params)),
    update<const G>(grads: G, state: S, params?: unknown) {
      const [leaves, structure] = tree.flatten(grads);
      const flags = flagsOf('masked', mask, grads);
      const [updates, next] = inner.update(
        pick(grads),
        state,
        params === undefined ? undefined : pick(params),
      );
      const list = tree.leaves(updates);
      const all = leaves.map((leaf, i) => (flags[i] ? (list.shift() ?? leaf) : leaf));
      return [tree.unflatten<Traced<G>>(structure, all), next];
    },
  };
}

/**
 * No update of the parameters that a mask names: put last in a `chain`, it keeps them as they are.
 *
 * @throws TypeError when the mask does not fit the gradients.
 */
export function freeze(mask: Mask): GradientTransformation<null> {
  return {
    init: () => null,
    update<const G>(grads: G, state: null) {
      const [leaves, structure] = tree.flatten(grads);
      const flags = flagsOf('freeze', mask, grads);
      const updates = leaves.map((leaf, i) => (flags[i] ? leaf.mul(0) : leaf));
      return [tree.unflatten<Traced<G>>(structure, updates), state];
    },
  };
}

/** The boolean of each leaf. */
function flagsOf(name: string, mask: Mask, params: unknown): boolean[] {
  const walk = (flag: unknown, at: unknown, path: string): boolean[] => {
    if (typeof flag === 'boolean') return tree.leaves(at).map(() => flag);
    if (!isBranch(flag) || !isBranch(at) || Array.isArray(flag) !== Array.isArray(at)) {
      throw new TypeError(
        `${name}: the mask has ${describe(flag)} at ${path || 'the top'}, where the gradients have ${describe(at)}; give booleans in the structure of the parameters.`,
      );
    }
    const children = new Map(Object.entries(at));
    const flags = new Map(Object.entries(flag));
    const strange = [...flags.keys()].find((key) => !children.has(key));
    if (strange !== undefined) {
      throw new TypeError(`${name}: the mask has '${path}${strange}', the gradients do not.`);
    }
    const keys = Array.isArray(at) ? [...children.keys()] : [...children.keys()].sort();
    return keys.flatMap((key) => walk(flags.get(key), children.get(key), `${path}${key}.`));
  };
  return walk(typeof mask === 'function' ? mask(params) : mask, params, '');
}

/** Whether a value is an array or a plain object, which have branches. */
function isBranch(value: unknown): value is object {
  if (Array.isArray(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return isBranch(value)
    ? 'an object'
    : typeof value === 'object'
      ? 'a tensor'
      : `a ${typeof value}`;
}
