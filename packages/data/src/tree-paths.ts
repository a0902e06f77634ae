import { isTensor, type Tensor, tree } from '@grad/core';

/** A tensor of a tree, and the way to it: keys and positions, joined by dots. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/**
 * The tensors of a tree in the core's order of leaves, each by its name.
 *
 * @throws TypeError when two of them have the same name.
 */
export function namedTensors(caller: string, given: unknown): NamedTensor[] {
  const names = pathsOf(given, '');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new TypeError(`${caller}: two tensors have the name '${twice}'. Use no dots in keys.`);
  }
  return tree.leaves(given).map((tensor, i) => ({ name: names[i] ?? '', tensor }));
}

function pathsOf(value: unknown, path: string): string[] {
  const below = (key: string | number): string => (path === '' ? `${key}` : `${path}.${key}`);
  if (Array.isArray(value)) return value.flatMap((child, i) => pathsOf(child, below(i)));
  if (!isContainer(value)) return tree.leaves(value).length > 0 ? [path] : [];
  return Object.keys(value)
    .sort()
    .flatMap((key) => pathsOf(value[key], below(key)));
}

/** What the core takes apart: objects without a class. */
function isContainer(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || isTensor(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
