import { stretch } from '../functions/promote.ts';
import type { Program } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { stackType, tensorType, type ValueType } from '../tensor/type.ts';
import { traceClosed } from '../trace/trace.ts';
import { vmapInto } from './vmap-program.ts';

/** The type with a leading batch axis; a stack carries it in its elements. */
export function batchedType(type: ValueType, size: number): ValueType {
  if (type.kind === 'stack') return stackType(batchedType(type.element, size));
  return tensorType(type.dtype, [size, ...type.shape], type.weak);
}

/** Gives a value the batch axis when it lacks it. */
export function withBatch(x: Tensor, batched: boolean, size: number): Tensor {
  return batched ? x : stretch(x, [size, ...x.shape]);
}

/**
 * A Program on inputs of which some carry a batch axis, and which of its outputs do; those of
 * `force` always. Where it is `masked`, its first input says which entries run; see `vmapInto`.
 */
export function batchProgram(
  body: Program,
  flags: readonly boolean[],
  size: number,
  force: readonly boolean[] = [],
  masked = false,
): { program: Program; batched: readonly boolean[] } {
  let batched: readonly boolean[] = [];
  const types = body.inputs.map((input, i) =>
    flags[i] ? batchedType(input.type, size) : input.type,
  );
  const program = traceClosed(
    masked ? [tensorType('bool', [size]), ...types] : types,
    (...all) => {
      const [first, inputs] = masked ? [all[0], all.slice(1)] : [undefined, all];
      const results = vmapInto(body, inputs, flags, size, first);
      batched = results.batched.map((flag, i) => flag || force[i] === true);
      return results.outputs.map((output, i) =>
        force[i] ? withBatch(output, results.batched[i] === true, size) : output,
      );
    },
    'vmap',
  );
  return { program, batched };
}
