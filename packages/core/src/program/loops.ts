import type { Program } from './program.ts';

/**
 * Parameters of the `scan` operation: operands `[count?, ...consts, ...carry, ...xs]`, results
 * `[...carry, ...ys]`.
 *
 * `body` takes `[...consts, ...carry, ...x]` and gives `[...carry, ...y]`. With a number as
 * `length`, xs of dense elements are tensors with that leading axis, and so are ys; elements that
 * are stacks come and go as a stack of stacks. With `length: null` the first operand is the
 * int32 number of steps, and all xs and ys are stacks. `reverse` runs from the last element to
 * the first; element i of ys belongs to element i of xs either way.
 */
export interface ScanParams {
  readonly body: Program;
  readonly consts: number;
  readonly carry: number;
  readonly length: number | null;
  readonly reverse: boolean;
  /** What reverse mode keeps instead of all that each step needs; a number is one of states. */
  readonly checkpoint?: number | 'recompute';
}

/**
 * Parameters of the `while` operation: operands `[...condConsts, ...bodyConsts, ...carry]`, results
 * `[...carry, steps, ...ys]`: the final carry, the int32 number of steps, and a stack for each
 * further output of the body.
 *
 * `cond` takes `[...condConsts, ...carry]` and gives a bool scalar; `body` takes
 * `[...bodyConsts, ...carry]` and gives `[...carry, ...y]`. More than `maxSteps` steps are an error.
 */
export interface WhileParams {
  readonly cond: Program;
  readonly body: Program;
  readonly condConsts: number;
  readonly bodyConsts: number;
  readonly carry: number;
  readonly maxSteps: number | null;
  /** What reverse mode keeps instead of all that each step needs; a number is one of states. */
  readonly checkpoint?: number | 'recompute' | 'online';
}

/**
 * Parameters of the `switch` operation: operands `[index, ...args]`, results those of the branch
 * that the int32 index names; one below 0 names the first, one beyond the last names the last.
 *
 * Each branch takes `[...args]`, and all give results of the same types.
 */
export interface SwitchParams {
  readonly branches: readonly Program[];
}
