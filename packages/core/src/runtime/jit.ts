import { keyOf } from '../program/hash.ts';
import { Recent } from '../program/recent.ts';
import { flatten, unflatten } from '../program/tree.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { evaluateProgram, isTraced, isTracing, recordsSources } from '../trace/trace.ts';
import { flattenTensors, type TracedFunction, traceTree } from '../transforms/trace-tree.ts';
import type { Arguments } from '../transforms/types.ts';

/** Options of `jit`. */
export interface JitOptions {
  /** Positions of arguments that are not traced: f sees them as they are, one compilation for each value. */
  readonly staticArgs?: readonly number[];
  /**
   * Positions of arguments that the caller gives away: their memory is freed as soon as the call
   * has ended well, and serves the next one. A later use of a tensor in them is a `ReferenceError`.
   */
  readonly donate?: readonly number[];
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
  { staticArgs = [], donate = [] }: JitOptions = {},
): (...args: Arguments<A>) => R {
  const compiled = new Recent<TracedFunction>(256);
  return (...args) => {
    const dynamic = args.map((arg, i) => (staticArgs.includes(i) ? null : arg));
    const [leaves, treedef] = flattenTensors(dynamic);
    // Static arguments by what they are now: the caller may change an object later.
    const statics = staticArgs.length === 0 ? '' : keyOf(staticArgs.map((i) => args[i]));
    const how = { sources: recordsSources(), statics, treedef };
    const record = (): TracedFunction =>
      traceTree(
        'jit',
        (...traced: unknown[]) => callWith(f, traced, args, staticArgs),
        treedef,
        leaves.map((leaf) => leaf.type),
      );
    const known = compiled.find(leaves, how);
    const cached = known ?? record();
    if (!known && !cached.captures.some(isTraced)) compiled.add(leaves, how, cached);
    const results = evaluateProgram(cached.program, [...cached.captures, ...leaves]);
    if (donate.length > 0 && !isTracing()) giveAway(donate.map((i) => dynamic[i]));
    return unflatten<R>(cached.result, results);
  };
}

/** Frees the tensors in arguments that were donated. */
function giveAway(args: readonly unknown[]): void {
  for (const leaf of flatten(args)[0]) {
    if (isTensor(leaf)) {
      leaf.vacate('was given away by jit({ donate }): use the result instead, or do not donate it');
    }
  }
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
