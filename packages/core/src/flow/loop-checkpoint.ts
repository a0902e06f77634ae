import { newVar, type Program } from '../program/program.ts';
import { type CheckpointParams, checkpointOperation } from '../transforms/checkpoint.ts';

/**
 * What reverse mode keeps of a loop: of each step all that its derivative needs (`store`), or its
 * carry, from which it is run again (`recompute`); the carries of a number of steps, the first
 * included, or of about sqrt(2 n) of n steps (`online`), from which the others are run again. The
 * gradient is the same to the last bit.
 */
export type LoopCheckpoint = 'store' | 'recompute' | 'online' | number;

/** Checks what a caller asked for; nothing stands for `store`. */
export function checkpointOf(
  name: string,
  asked: LoopCheckpoint,
): Exclude<LoopCheckpoint, 'store'> | undefined {
  if (asked === 'store') return undefined;
  if (asked === 'recompute' || asked === 'online') return asked;
  if (Number.isInteger(asked) && asked >= 1) return asked;
  throw new RangeError(
    `${name}: checkpoint is ${asked}; as a number it says how many carries to keep, a whole number of at least 1. Or give 'store', 'recompute' or 'online'.`,
  );
}

/** The least number of states with which none of n steps is advanced over more than twice: n <= C(s + 2, 2). */
export function onlinePlaces(steps: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(2 * steps + 0.25) - 1.5));
}

/** The body of a loop as one equation, of which the derivative keeps the inputs alone. */
export function recomputed(body: Program): Program {
  const inputs = body.inputs.map(({ type }) => newVar(type));
  const outputs = body.outputs.map(({ type }) => newVar(type));
  const params: CheckpointParams = { f: body, policy: 'nothing' };
  return {
    inputs,
    equations: [{ operation: checkpointOperation, inputs, params, outputs }],
    outputs,
  };
}
