import { tree } from '@grad/core';

/** Names of all elements of a tree, in the order of `tree.ravel`: `defects[3, 1]`, `[0].end`. */
export function elementNames(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((child, i) => elementNames(child, `${path}[${i}]`));
  }
  if (isPlainObject(value)) {
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([key, child]) => elementNames(child, path === '' ? key : `${path}.${key}`));
  }
  return tree.leaves(value).flatMap(({ shape, size }) =>
    Array.from({ length: size }, (_, i) => {
      const index = shape.map((extent, axis) => {
        const stride = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
        return Math.floor(i / stride) % extent;
      });
      return index.length === 0 ? path : `${path}[${index.join(', ')}]`;
    }),
  );
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
