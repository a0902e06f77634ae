import type { Program } from '../program/program.ts';

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
 * Parameters of a `sweep`, the first of a checkpointed loop's steps together with states to run
 * them backwards from: operands `[count?, ...consts, ...carry, ...xs]`, results `[...carry, ...ys,
 * top, positions, ...states]`.
 *
 * `step` takes `[...consts, ...carry, ...x]` and gives `[...carry, ...y]`. The number of steps is
 * `length`, or the first operand where that is null; then there are no xs and ys. Of these, which
 * have `extent` elements, step t takes element t, counted from the end with `reverse`. At most
 * `places` states are kept, the first included, as the way back over one step more needs them.
 */
export interface SweepParams {
  readonly step: Program;
  readonly consts: number;
  readonly carry: number;
  readonly length: number | null;
  readonly extent: number;
  readonly reverse: boolean;
  readonly places: number;
}

/**
 * Parameters of a `backSweep`, the steps of a sweep taken from the last to the first: operands
 * `[count?, top, positions, ...states, ...consts, ...carry, ...xs, ...cts, ...sums, ...ctYs]`,
 * results `[...cts, ...sums, ...ctXs]`.
 *
 * `step` takes `[...consts, ...carry, ...x]` and gives `[...carry]`; `back` takes the same and then
 * `[...cts, ...sums, ...ctY]`, and gives `[...cts, ...sums, ...ctX]`. `carry` is the first state.
 */
export interface BackSweepParams extends SweepParams {
  readonly back: Program;
  readonly xs: number;
  readonly cts: number;
  readonly sums: number;
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
