import { unflatten } from '../program/tree.ts';
import { checkFunction } from '../tensor/check.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { evaluateProgram } from '../trace/trace.ts';
import { flattenTensors, traceTree } from './trace-tree.ts';
import type { Arguments } from './types.ts';

/**
 * f with the tensors that it closes over as its first argument, and these tensors: for rules of
 * `customJvp` and `customVjp`, for which they count as constants unless they are arguments. `examples` are
 * arguments like those that f will get; f is recorded once, for their shapes and dtypes.
 */
export function closureConvert<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...examples: Arguments<A>
): [converted: (captured: readonly Tensor[], ...args: Arguments<A>) => R, captured: Tensor[]] {
  checkFunction('closureConvert', 'the first argument', f);
  const [leaves, structure] = flattenTensors(examples);
  const types = leaves.map((leaf) => leaf.type);
  const { program, captures, result } = traceTree('closureConvert', f, structure, types);
  return [
    (captured, ...args) =>
      unflatten<R>(result, evaluateProgram(program, [...captured, ...flattenTensors(args)[0]])),
    [...captures],
  ];
}
