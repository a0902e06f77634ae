/**
 * Checkpoints of a loop whose number of steps is not known: the state is kept before the steps 0, 1,
 * 3, 6, 10, ..., so that after n steps there are about sqrt(2 n) states, and between two of them at
 * most as many steps. On the way back the steps between two states are run again, with what
 * their derivatives need; so each step is run twice, and the memory is of the order of sqrt(n)
 * however long the loop turns out to be.
 */

import type { WhileParams } from '../program/loops.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkpoint } from '../transforms/checkpoint.ts';
import { integer } from './snapshots.ts';
import { whileLoop } from './while-loop.ts';
import { splitWhile } from './while-operation.ts';
import { type WhileState, WhileSteps } from './while-steps.ts';

/** The last carry of a `while` operation and its number of steps, by a loop over segments of 1, 2, 3, ... steps. */
export function onlineWhile(operands: readonly Tensor[], params: WhileParams): readonly Tensor[] {
  const steps = new WhileSteps(operands, params);
  const segment = checkpoint((start: WhileState, size: Tensor) =>
    steps.upTo(start.taken.add(size), start),
  );
  const { at } = whileLoop(
    (loop) => steps.goesOn(loop.at),
    (loop) => ({ at: segment(loop.at, loop.size), size: loop.size.add(1) }),
    {
      at: { state: splitWhile(operands, params).carry, taken: integer(0) },
      size: integer(1),
    },
  );
  const { state, taken } = steps.end(at);
  return [...state, taken];
}
