import type { Program } from '../program/program.ts';

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
