/**
 * Gives an object a property that is computed when it is asked for, and that is no part of it as a tree of
 * tensors.
 */
export function defineHidden<T extends object, K extends string, V>(
  object: T,
  key: K,
  get: () => V,
): asserts object is T & { readonly [P in K]: V } {
  Object.defineProperty(object, key, { get });
}
