import { type Traced, tree } from '@grad/core';

/**
 * Parameters plus updates, in the dtypes of the parameters.
 *
 * @throws TypeError when their structures differ.
 */
export function applyUpdates<const P>(params: P, updates: unknown): Traced<P> {
  return tree.map((param, update) => param.add(update).astype(param.dtype), params, updates);
}
