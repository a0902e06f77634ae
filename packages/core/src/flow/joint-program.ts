import type { Program } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TensorType, ValueType } from '../tensor/type.ts';
import { type TracedProgram, trace } from '../trace/trace.ts';
import { linearizeInto } from '../transforms/linearize-program.ts';
import { emptyLike } from './empty-stack.ts';

/** The type of an array. Throws for a stack, which has no tangent. */
export function denseType(type: ValueType | undefined): TensorType {
  if (type?.kind === 'tensor') return type;
  throw new TypeError('A stack of loop residuals has no dense tangent.');
}

/**
 * A Program together with its tangents. Inputs and outputs come in groups; after the values of a
 * group come the tangents of those that are active. Outputs that are active have a tangent even
 * where it is zero.
 */
export function jointProgram(
  program: Program,
  inputs: readonly (readonly boolean[])[],
  outputs: readonly (readonly boolean[])[],
): TracedProgram {
  const queue = program.inputs.map((input) => input.type);
  const types = inputs.flatMap((active) => {
    const own = queue.splice(0, active.length);
    return [...own, ...own.filter((_, i) => active[i])];
  });
  return trace(
    types,
    (...all) => {
      const pending = [...all];
      const values: Tensor[] = [];
      const tangents: (Tensor | null)[] = [];
      for (const active of inputs) {
        values.push(...pending.splice(0, active.length));
        for (const a of active) tangents.push(a ? (pending.shift() ?? null) : null);
      }
      const linear = linearizeInto(program, values, inputs.flat());
      const pushed = linear.pushforward(tangents);
      let at = 0;
      return outputs.flatMap((active) => {
        const from = at;
        at += active.length;
        const moved = active.flatMap((a, i) => {
          const output = linear.outputs[from + i];
          return a && output ? [pushed[from + i] ?? emptyLike(output.type)] : [];
        });
        return [...linear.outputs.slice(from, at), ...moved];
      });
    },
    { name: 'linearize' },
  );
}

/** The Program with further inputs, which it does not use, from position `at` on. */
export function insertInputs(program: Program, at: number, like: readonly Tensor[]): Program {
  const unused = like.map(({ type }) => ({ kind: 'var', type }) as const);
  return { ...program, inputs: program.inputs.toSpliced(at, 0, ...unused) };
}
