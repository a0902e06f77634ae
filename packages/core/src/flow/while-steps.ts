import { logicalAnd, lt } from '../functions/elementwise.ts';
import type { WhileParams } from '../program/loops.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { evaluateProgram } from '../trace/trace.ts';
import { whileLoop } from './while-loop.ts';
import { splitWhile } from './while-operation.ts';

/** A `while` operation on its way: its carry, and the number of steps that were taken. */
export interface WhileState {
  readonly state: readonly Tensor[];
  readonly taken: Tensor;
}

/** A `while` operation in pieces, for loops that take its steps in another arrangement. */
export class WhileSteps {
  readonly #operands: ReturnType<typeof splitWhile<Tensor>>;
  readonly #params: WhileParams;

  constructor(operands: readonly Tensor[], params: WhileParams) {
    this.#operands = splitWhile(operands, params);
    this.#params = params;
  }

  /** Whether another step is to be taken, and may be. */
  goesOn({ state, taken }: WhileState): Tensor {
    const { maxSteps } = this.#params;
    return maxSteps === null
      ? this.#holds(state)
      : logicalAnd(this.#holds(state), lt(taken, maxSteps));
  }

  /** Takes steps while the loop goes on, up to a number of them in all. */
  upTo(end: Tensor, start: WhileState): WhileState {
    const { bodyConsts } = this.#operands;
    return whileLoop(
      (at) => logicalAnd(lt(at.taken, end), this.goesOn(at)),
      ({ state, taken }) => ({
        state: evaluateProgram(this.#params.body, [...bodyConsts, ...state]),
        taken: taken.add(1),
      }),
      start,
    );
  }

  /** How it ended; where the condition still holds, this fails at the limit as the loop itself does. */
  end(last: WhileState): WhileState {
    const { maxSteps } = this.#params;
    if (maxSteps === null) return last;
    return whileLoop(
      ({ state }) => this.#holds(state),
      (same) => same,
      last,
      { maxSteps },
    );
  }

  #holds(state: readonly Tensor[]): Tensor {
    const [test] = evaluateProgram(this.#params.cond, [...this.#operands.condConsts, ...state]);
    if (test === undefined) throw new Error('A while has no condition.');
    return test;
  }
}
