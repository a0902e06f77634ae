import type { NdArray } from 'ndarray';
import { mark, markOf, ofAnotherCopy } from '../tensor/another-copy.ts';
import type { Data } from '../tensor/dtype.ts';
import { isNdarray } from '../tensor/ndarray.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';

const own = markOf('a value in fixed()');

/** Marks a value as static: transforms pass it through untouched and cache by its identity. */
export class Fixed<T> {
  /** What stays as it is. */
  readonly value: T;

  /** @internal See `another-copy.ts`. */
  get [mark](): object {
    return own;
  }

  constructor(value: T) {
    this.value = value;
  }
}

/** Wraps a value, such as a sparsity pattern, that transforms must not look into. */
export function fixed<T>(value: T): Fixed<T> {
  return new Fixed(value);
}

/**
 * Shape of a tree without its leaves. Arrays and plain objects are containers; tensors,
 * numbers, typed arrays and ndarrays are leaves; strings, booleans, null, undefined, functions and
 * other objects are static.
 */
export type TreeDef =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'static'; readonly value: unknown }
  | { readonly kind: 'array'; readonly children: readonly TreeDef[] }
  | {
      readonly kind: 'object';
      readonly keys: readonly string[];
      readonly children: readonly TreeDef[];
    };

const kinds: ReadonlySet<unknown> = new Set(['leaf', 'static', 'array', 'object']);

/** Whether a value is the structure of a tree. */
export function isTreeDef(value: unknown): value is TreeDef {
  return typeof value === 'object' && value !== null && 'kind' in value && kinds.has(value.kind);
}

/** What a tree may hold where a function takes a tensor. */
export type Leaf = Tensor | number | Data | NdArray;

const leaf: TreeDef = { kind: 'leaf' };

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isLeaf(value: unknown): value is Leaf {
  return typeof value === 'number' || isTensor(value) || isTypedArray(value) || isNdarray(value);
}

/** Whether a value is one of the typed arrays that become tensors as they are. */
export function isTypedArray(value: unknown): value is Data {
  return (
    value instanceof Float64Array ||
    value instanceof Float32Array ||
    value instanceof Int32Array ||
    value instanceof Uint8Array
  );
}

/** Deeper than any structure that is meant, and less deep than calls may go. */
const deepest = 1000;

/**
 * Leaves in a fixed order (keys sorted) and the structure that puts them back.
 *
 * @throws TypeError when an array or object contains itself, or something is of another copy of the
 * package.
 */
export function flatten(tree: unknown): [leaves: Leaf[], treedef: TreeDef] {
  const leaves: Leaf[] = [];
  const visit = (value: unknown, depth: number): TreeDef => {
    if (isLeaf(value)) {
      leaves.push(value);
      return leaf;
    }
    if (depth > deepest) {
      throw new TypeError(
        `tree: arrays and objects are nested more than ${deepest} deep, as where one contains itself. Give a structure that ends, or wrap what is not to be looked into in fixed().`,
      );
    }
    const below = (child: unknown): TreeDef => visit(child, depth + 1);
    if (Array.isArray(value)) return { kind: 'array', children: value.map(below) };
    if (isPlainObject(value)) {
      const keys = Object.keys(value).sort();
      return { kind: 'object', keys, children: keys.map((key) => below(value[key])) };
    }
    const foreign = ofAnotherCopy(value);
    if (foreign !== undefined) throw new TypeError(`tree: one of the values is ${foreign}.`);
    return { kind: 'static', value };
  };
  const treedef = visit(tree, 0);
  return [leaves, treedef];
}

/**
 * Puts leaves, in the order of `flatten`, back into a structure. The type is the caller's word: a
 * structure and its leaves are taken apart and put together by the same function.
 */
export function unflatten<T>(treedef: TreeDef, leaves: readonly unknown[]): T {
  let next = 0;
  const build = (def: TreeDef): unknown => {
    switch (def.kind) {
      case 'leaf':
        return leaves[next++];
      case 'static':
        return def.value;
      case 'array':
        return def.children.map(build);
      case 'object':
        return Object.fromEntries(
          def.keys.map((key, i) => [key, build(def.children[i] ?? leaf)] as const),
        );
    }
  };
  return build(treedef) as T;
}

/** Number of leaves. */
export function leafCount(treedef: TreeDef): number {
  switch (treedef.kind) {
    case 'leaf':
      return 1;
    case 'static':
      return 0;
    default:
      return treedef.children.reduce((sum, child) => sum + leafCount(child), 0);
  }
}

/** Paths of the leaves, such as `params.w` or `[0].bias`, for messages. */
export function leafPaths(treedef: TreeDef, prefix = ''): string[] {
  switch (treedef.kind) {
    case 'leaf':
      return [prefix];
    case 'static':
      return [];
    case 'array':
      return treedef.children.flatMap((child, i) => leafPaths(child, `${prefix}[${i}]`));
    case 'object':
      return treedef.children.flatMap((child, i) =>
        leafPaths(child, prefix ? `${prefix}.${treedef.keys[i]}` : (treedef.keys[i] ?? '')),
      );
  }
}

/** Whether two structures agree: containers and keys, and static parts by identity. */
export function sameTree(a: TreeDef, b: TreeDef): boolean {
  if (a.kind === 'array' || a.kind === 'object') {
    if (b.kind !== a.kind || a.children.length !== b.children.length) return false;
    if (a.kind === 'object' && b.kind === 'object' && a.keys.join('\0') !== b.keys.join('\0')) {
      return false;
    }
    const other = b.children;
    return a.children.every((child, i) => sameTree(child, other[i] ?? leaf));
  }
  if (a.kind === 'static') return b.kind === 'static' && Object.is(a.value, b.value);
  return b.kind === 'leaf';
}

/** `{w: *, b: [*, *]}`, for messages. */
export function formatTree(treedef: TreeDef): string {
  switch (treedef.kind) {
    case 'leaf':
      return '*';
    case 'static':
      return typeof treedef.value === 'string' ? JSON.stringify(treedef.value) : 'static';
    case 'array':
      return `[${treedef.children.map(formatTree).join(', ')}]`;
    case 'object':
      return `{${treedef.children.map((c, i) => `${treedef.keys[i]}: ${formatTree(c)}`).join(', ')}}`;
  }
}
