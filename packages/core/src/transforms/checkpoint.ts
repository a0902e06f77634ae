import { barrier } from '../primitives/barrier.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import { withoutEffects } from '../program/effects.ts';
import type { Program } from '../program/program.ts';
import { unflatten } from '../program/tree.ts';
import { checkFunction } from '../tensor/check.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram } from '../trace/trace.ts';
import { batchProgram } from './batch-program.ts';
import { linearizeInto, linearizeProgram } from './linearize-program.ts';
import { flattenTensors, traceTree } from './trace-tree.ts';
import type { Arguments } from './types.ts';

interface CheckpointParams {
  readonly f: Program;
}

const checkpointOperation: Primitive = defineOperation({
  name: 'checkpoint',
  typeOf: (_: readonly ValueType[], { f }: CheckpointParams) => f.outputs.map(({ type }) => type),
  decompose: (operands: readonly Tensor[], { f }: CheckpointParams) => evaluateProgram(f, operands),

  // The pushforward runs the function again from its operands, which are all that it keeps; what it
  // prints is printed once.
  linearizeAll: (operands, params: CheckpointParams, active): Linearized => ({
    outputs: bind(checkpointOperation, operands, params),
    active: linearizeProgram(params.f, active).active,
    pushforward: (tangents) => {
      const again = operands.map((x) => (x.type.kind === 'tensor' ? barrier(x) : x));
      return linearizeInto(withoutEffects(params.f), again, active).pushforward(tangents);
    },
  }),

  vmap: (operands, batched, { f }: CheckpointParams, size, running): Batched => {
    const { program, batched: results } = batchProgram(f, batched, size, [], running !== undefined);
    const all = running ? [running, ...operands] : operands;
    return { outputs: bind(checkpointOperation, all, { f: program }), batched: results };
  },
});

/**
 * f, whose derivative keeps its arguments only and computes everything else again when it is
 * needed: less memory in reverse mode for one more evaluation of f.
 *
 * @see Griewank and Walther, Evaluating Derivatives (2008), chapter 12.
 */
export function checkpoint<A extends readonly unknown[] = readonly Tensor[], R = Tensor>(
  f: (...args: A) => R,
): (...args: Arguments<A>) => R {
  checkFunction('checkpoint', 'the first argument', f);
  return (...args) => {
    const [leaves, treedef] = flattenTensors(args);
    const types = leaves.map((leaf) => leaf.type);
    const { program, captures, result } = traceTree('checkpoint', f, treedef, types);
    const results = bind(checkpointOperation, [...captures, ...leaves], { f: program });
    return unflatten<R>(result, results);
  };
}
