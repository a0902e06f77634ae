import type { Tensor } from '@grad/core';

/** Parameters of a recurrent layer with G gates: 1 in `rnn`, 3 in `gru`, 4 in `lstm`. */
export interface RecurrentParams {
  /** `[inputs, G * hidden]` */
  readonly inputWeight: Tensor;
  /** `[hidden, G * hidden]` */
  readonly hiddenWeight: Tensor;
  /** `[G * hidden]` */
  readonly bias: Tensor;
  /** `[G * hidden]`, added to h W before the reset gate applies; only in `gru`. */
  readonly hiddenBias?: Tensor;
}

/** What a layer carries from step to step. */
export interface RecurrentState {
  /** The hidden state, `[...batch, hidden]`. */
  readonly h: Tensor;
  /** The cell of `lstm`, of the same shape; zeros in the others. */
  readonly c: Tensor;
}

/** What `apply` can be told about a run. */
export interface RunOptions<S = RecurrentState> {
  /**
   * `[steps, ...batch]`, numbers or bool: where 0 or less, the state stays as it is, and what x holds
   * there, NaN included, does not matter. For sequences of varied length.
   */
  readonly mask?: Tensor | undefined;
  /** Gradients are cut before every step, but the first, whose number is a multiple of this; never when left out. */
  readonly truncate?: number | undefined;
  /** `[steps, ...batch, hidden]`, added to the hidden state after each step. */
  readonly disturbance?: Tensor | undefined;
  /** The state to start from, as a run before returned it; zeros when left out. */
  readonly initial?: S | undefined;
  /** From the last step to the first. Outputs stay at the places of their inputs. */
  readonly reverse?: boolean | undefined;
  /** What backpropagation keeps of the loop, as in `scan`: a number of states, for instance. */
  readonly checkpoint?: 'store' | 'recompute' | 'online' | number | undefined;
}

/** Hidden states of a run. */
export interface RunResult<S = RecurrentState> {
  /** Hidden states after each step, `[steps, ...batch, hidden]`. */
  readonly outputs: Tensor;
  /** The hidden state after the last step that was taken, `[...batch, hidden]`. */
  readonly final: Tensor;
  /** All that was carried there, for `initial` of a next run. */
  readonly state: S;
}

/** A recurrent layer. */
export interface Recurrent<P = RecurrentParams, S = RecurrentState> {
  readonly kind: 'rnn' | 'gru' | 'lstm' | 'bidirectional';
  readonly inputs: number;
  /** Width of the hidden states. */
  readonly hidden: number;
  /** Draws parameters uniformly within 1 / sqrt(hidden) of 0. */
  init(key: Tensor): P;
  /**
   * Runs over the leading axis of x, `[steps, ...batch, inputs]`.
   *
   * @throws ShapeError when shapes do not fit.
   * @throws RangeError when `truncate` is no whole number of 1 or more.
   */
  apply(params: P, x: Tensor, options?: RunOptions<S>): RunResult<S>;
}
