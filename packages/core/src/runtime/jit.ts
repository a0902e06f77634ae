import { keyOf } from '../program/hash.ts';
import { Recent } from '../program/recent.ts';
import { flatten, unflatten } from '../program/tree.ts';
import { checkFunction, checkList, checkOptions, checkWhole } from '../tensor/check.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { executor, type ResumableRun } from '../trace/executor.ts';
import { evaluateProgram, isTraced, isTracing, recordsSources } from '../trace/trace.ts';
import { flattenTensors, type TracedFunction, traceTree } from '../transforms/trace-tree.ts';
import type { Arguments } from '../transforms/types.ts';
import { type AsyncOptions, inSlices } from './in-slices.ts';
import { keptWhile } from './kept-while.ts';
import { checkThreads, withThreads } from './threads-wanted.ts';

/** Options of `jit`. */
export interface JitOptions {
  /** Positions of arguments that are not traced: f sees them as they are, one compilation for each value. */
  readonly staticArgs?: readonly number[];
  /**
   * Positions of arguments that the caller gives away: their memory is freed as soon as the call
   * has ended well, and serves the next one. A later use of a tensor in them is a `ReferenceError`.
   */
  readonly donate?: readonly number[];
  /**
   * Threads that calls run on, at most, the calling one included, instead of what `setThreads` says.
   * Inside another compiled function, that one's number counts. A page that does not use `setThreads`
   * loads what threads need at the first such call; until it is there, calls run on one.
   */
  readonly threads?: number;
}

/** A compiled function. */
export interface Jitted<A extends readonly unknown[], R> {
  /** Runs to its end: nothing else happens meanwhile. */
  (...args: Arguments<A>): R;
  /**
   * Runs in slices of about 12 ms, between which timers, input and other calls have their turn;
   * what it computes is bit for bit what the call without `async` does. Other calls, of the same
   * function too, may run meanwhile.
   *
   * A call can be left before each iteration of a loop (`scan`, `whileLoop`, ...), before each long
   * operation, and inside those that go over many elements of their result. One long sum over all
   * elements, a matrix product, a sort or a running sum is done in one go, as are recording and
   * compiling at the first call.
   *
   * @param args - The arguments, as an array.
   * @returns a promise of the result. It is rejected with what the call without `async` would throw.
   * With `signal`, it is rejected with the signal's reason within about 20 ms, unless the call has
   * ended by then; the memory of the call is free after that.
   * @throws TypeError while another transform records the function around it.
   */
  async(args: Arguments<A>, options?: AsyncOptions): Promise<R>;
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
  options: JitOptions = {},
): Jitted<A, R> {
  checkFunction('jit', 'the first argument', f);
  checkOptions('jit', options, ['staticArgs', 'donate', 'threads']);
  const { staticArgs = [], donate = [], threads } = options;
  if (threads !== undefined) checkThreads('jit', 'threads', threads);
  checkList('jit', 'staticArgs', staticArgs);
  checkList('jit', 'donate', donate);
  for (const position of staticArgs) checkWhole('jit', 'each of staticArgs', position, 0);
  for (const position of donate) checkWhole('jit', 'each of donate', position, 0);
  const compiled = new Recent<TracedFunction>(256);
  const recordOf = (args: Arguments<A>): { traced: TracedFunction; inputs: Tensor[] } => {
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
    const traced = known ?? record();
    if (!known && !traced.captures.some(isTraced)) compiled.add(leaves, how, traced);
    return { traced, inputs: [...traced.captures, ...leaves] };
  };
  const call = (...args: Arguments<A>): R => {
    const { traced, inputs } = recordOf(args);
    const results = withThreads(threads, () => evaluateProgram(traced.program, inputs));
    if (donate.length > 0 && !isTracing()) giveAway(donate.map((i) => args[i]));
    return unflatten<R>(traced.result, results);
  };
  const slices = async (args: Arguments<A>, options: AsyncOptions): Promise<R> => {
    options.signal?.throwIfAborted();
    const { traced, inputs } = recordOf(args);
    const begin = (given: readonly Tensor[]): ResumableRun =>
      withThreads(threads, () => executor().begin(traced.program, given));
    const loading = executor().loadBegin?.();
    const run = loading ? await keptWhile(loading, inputs, begin) : begin(inputs);
    const results = await inSlices(run, options);
    giveAway(donate.map((i) => args[i]));
    return unflatten<R>(traced.result, results);
  };
  return Object.assign(call, {
    async(args: Arguments<A>, options: AsyncOptions = {}): Promise<R> {
      if (isTracing()) {
        throw new TypeError(
          'jit: async runs a function and cannot be part of another that is being recorded. Call the compiled function as it is, and use async on the outermost one.',
        );
      }
      return slices(args, options);
    },
  });
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
