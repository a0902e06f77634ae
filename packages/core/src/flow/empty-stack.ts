import { filled, zeros } from '../primitives/create.ts';
import type { ScanParams } from '../program/loops.ts';
import { type Program, subprograms } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { tensorType, type ValueType } from '../tensor/type.ts';
import { bind, traceClosed } from '../trace/trace.ts';
import { scanOperation } from './scan-operation.ts';

/**
 * Zeros of a dense type; of another a stack without elements, made by a loop of no steps: it reads as
 * zeros everywhere.
 */
export function emptyLike(type: ValueType): Tensor {
  if (type.kind === 'tensor') return zeros(type);
  const body = traceClosed([], () => [emptyLike(type.element)], 'scan');
  const none = filled(tensorType('int32', []), 0);
  const [stack] = bind(scanOperation, [none], {
    body,
    consts: 0,
    carry: 0,
    length: null,
    reverse: false,
  } satisfies ScanParams);
  if (stack === undefined) throw new Error('unreachable');
  return stack;
}

/** Whether an output of a Program is a stack made by `emptyLike`: by a loop that takes nothing. */
export function isEmptyStack({ equations, outputs }: Program, output: number): boolean {
  const atom = outputs[output];
  const made = equations.find((equation) => equation.outputs.some((o) => o === atom));
  return (
    made?.operation === scanOperation &&
    subprograms(made.params).every((b) => b.inputs.length === 0)
  );
}
