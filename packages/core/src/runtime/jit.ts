import { Cache } from '../program/cache.ts';
import { keyOf } from '../program/hash.ts';
import { type TreeDef, unflatten } from '../program/tree.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { formatType } from '../tensor/type.ts';
import { evaluateProgram, isTraced, recordsSources } from '../trace/trace.ts';
import { flattenTensors, type TracedFunction, traceTree } from '../transforms/trace-tree.ts';
import type { Arguments } from '../transforms/types.ts';

/** Options of `jit`. */
export interface JitOptions {
  /** Positions of arguments that are not traced: f sees them as they are, one compilation for each value. */
  readonly staticArgs?: readonly number[];
}

/**
 * Compiles f: the first call with arguments of given shapes and dtypes records it and compiles
 * the whole of it to one WebAssembly function; later calls run that.
 *
 * f must be pure. What it does besides tensor operations happens once, while it is recorded, and
 * numbers it reads from outside are taken as they were then.
 */
export function jit<A extends readonly unknown[] = readonly Tensor[], R = Tensor>(
  f: (...args: A) => R,
  { staticArgs = [] }: JitOptions = {},
): (...args: Arguments<A>) => R {
  const compiled = new Cache<TracedFunction>(256);
  return (...args) => {
    const dynamic = args.map((arg, i) => (staticArgs.includes(i) ? null : arg));
    const [leaves, treedef] = flattenTensors(dynamic);
    const statics = staticArgs.map((i) => args[i]);
    const key = `${recordsSources()}|${keyOf(statics)}|${leaves.map((leaf) => formatType(leaf.type))}|${treeKey(treedef)}`;
    const record = (): TracedFunction =>
      traceTree(
        'jit',
        (...traced: unknown[]) => callWith(f, traced, args, staticArgs),
        treedef,
        leaves.map((leaf) => leaf.type),
      );
    const cached = compiled.peek(key) ?? record();
    if (!cached.captures.some(isTraced)) compiled.get(key, () => cached);
    const results = evaluateProgram(cached.program, [...cached.captures, ...leaves]);
    return unflatten<R>(cached.result, results);
  };
}

/** Calls f with traced arguments, and the static ones in their places. */
function callWith<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  traced: readonly unknown[],
  args: Arguments<A>,
  staticArgs: readonly number[],
): R {
  const all = traced.map((value, i) => (staticArgs.includes(i) ? args[i] : value));
  return Reflect.apply(f, undefined, all);
}

/** A key of a structure; static values count by identity. */
function treeKey(treedef: TreeDef): string {
  switch (treedef.kind) {
    case 'leaf':
      return '*';
    case 'static':
      return keyOf(treedef.value);
    case 'array':
      return `[${treedef.children.map(treeKey).join(',')}]`;
    case 'object':
      return `{${treedef.children.map((child, i) => `${JSON.stringify(treedef.keys[i])}:${treeKey(child)}`).join(',')}}`;
  }
}
