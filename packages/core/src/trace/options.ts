import type { Operation, Params, Program } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Which transform opened a trace, and whether values inside it may be asked for. */
export interface TraceOptions {
  /** Name of the transform, for messages. */
  readonly name: string;
  /**
   * Values of the arguments, when the trace records a computation that could also run now: then
   * `item()` and the like evaluate what they need. Without them it throws.
   */
  readonly values?: readonly Tensor[];
  /** Whether it records the user's code, and not rules of primitives alone. */
  readonly ofUser?: boolean;
  /** With values: how to run what is asked for so that its derivative need not run it again. */
  readonly differentiation?: Differentiation;
  /** Whether it records one operation that runs at once, and throws from the user's own stack. */
  readonly eager?: boolean;
}

/** How a transform that is going to differentiate its Program runs a part of it beforehand. */
export interface Differentiation {
  /** Which arguments it differentiates in. */
  readonly active: readonly boolean[];
  /** Runs a Program of which some inputs are active. */
  run(program: Program, inputs: readonly Tensor[], active: readonly boolean[]): Remembered;
}

/** A part of a Program that ran: its results, and an operation that gives them again. */
export interface Remembered {
  readonly values: readonly Tensor[];
  /** Takes the values, what their derivative needs, and then the active inputs of the part. */
  readonly operation: Operation;
  readonly params: Params;
  readonly residuals: readonly Tensor[];
}
