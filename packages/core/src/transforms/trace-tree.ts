import { asTensor } from '../functions/tensor.ts';
import type { Program } from '../program/program.ts';
import { flatten, leafPaths, type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction } from '../tensor/check.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import type { TraceOptions } from '../trace/options.ts';
import { trace } from '../trace/trace.ts';

/** A function of trees as a Program of leaves. */
export interface TracedFunction {
  /** `[...captures, ...leaves of the arguments] -> leaves of the result`. */
  readonly program: Program;
  readonly captures: readonly Tensor[];
  readonly result: TreeDef;
}

/** A tree as tensors and its structure. */
export function flattenTensors(tree: unknown): [leaves: Tensor[], treedef: TreeDef] {
  const [leaves, treedef] = flatten(tree);
  return [leaves.map((leaf) => asTensor(leaf)), treedef];
}

/** What a function gave to a transform, as tensors and its structure. */
export function flattenResult(name: string, result: unknown): [leaves: Tensor[], treedef: TreeDef] {
  const [leaves, treedef] = flattenTensors(result);
  if (holdsPromise(treedef)) {
    throw new TypeError(
      `${name}: the function is async. Transforms record what happens before it returns; make it synchronous and await around the call.`,
    );
  }
  return [leaves, treedef];
}

function holdsPromise(treedef: TreeDef): boolean {
  if (treedef.kind === 'static') return treedef.value instanceof Promise;
  return treedef.kind !== 'leaf' && treedef.children.some(holdsPromise);
}

/** Records a function of trees. With known values, `item()` and the like work inside it. */
export function traceTree(
  name: string,
  f: (...args: never) => unknown,
  args: TreeDef,
  types: readonly ValueType[],
  options?: Omit<TraceOptions, 'name' | 'ofUser'>,
): TracedFunction {
  checkFunction(name, 'what it calls', f);
  let result: TreeDef | undefined;
  const { program, captures } = trace(
    types,
    (...leaves) => {
      const output: unknown = f(...unflatten<never>(args, leaves));
      const [outputs, treedef] = flattenResult(name, output);
      result = treedef;
      return outputs;
    },
    { name, ofUser: true, ...options },
  );
  if (result === undefined) throw new Error(`${name}: the function did not return.`);
  return { program, captures, result };
}

/** `argument 0`, `argument 1.w`, ...: names of leaves for messages. */
export function argumentPaths(treedef: TreeDef): string[] {
  return leafPaths(treedef).map((path) => `argument ${path.replace(/^\[(\d+)\]/, '$1')}`);
}
