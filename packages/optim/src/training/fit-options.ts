import type { Tensor, Traced } from '@grad/core';
import type { GradientTransformation } from '../gradients/gradient-transformation.ts';

/** What the loss gets besides parameters and a batch. */
export interface StepContext<M> {
  /** Updates before this one: an int32 scalar. */
  readonly step: Tensor;
  /** A key of random numbers for this step alone; of the fit's key 0 when none was given. */
  readonly key: Tensor;
  /** What the last step returned beside its loss, or what the fit began with. */
  readonly modelState: M;
}

/** A scalar loss of parameters and a batch; beside it the next state of the model, where there is one. */
export type Loss<P, B, M> = (
  params: Traced<P>,
  batch: B,
  context: StepContext<M>,
) => Tensor | readonly [loss: Tensor, modelState: M];

/** Where a fit stands after a step. */
export interface FitProgress<P> {
  /** From 0 on. */
  readonly epoch: number;
  /** Steps so far, in all epochs. */
  readonly step: number;
  /** Loss of the last batch, before the update. */
  readonly loss: number;
  /** Of the last 50 steps or fewer, with what happens between them. */
  readonly stepsPerSecond: number;
  /** The parameters after the step. */
  readonly params: Traced<P>;
}

/** A fit between two steps: a tree of tensors and numbers, from which it can go on. */
export interface FitCheckpoint<P, S, M> {
  readonly params: Traced<P>;
  readonly optimizerState: S;
  readonly modelState: M;
  /** The epoch that the next batch is from. */
  readonly epoch: number;
  /** Batches of that epoch that are done. */
  readonly batch: number;
  /** The loss of each step so far. */
  readonly losses: readonly number[];
  /** Mean losses of the epochs that are done. */
  readonly epochLosses: readonly number[];
}

/** When a fit hands out checkpoints, and what is done with them. */
export interface CheckpointOptions<P, S, M> {
  /** Steps between two of them. */
  readonly every: number;
  /** Stores one; the fit waits for it. */
  save(checkpoint: FitCheckpoint<P, S, M>): void | Promise<void>;
}

/** Options of `fit`. */
export interface FitOptions<P, B, S, M> {
  /** Such as `adam({ learningRate: 1e-3 })`. */
  readonly optimizer: GradientTransformation<S>;
  /**
   * The batches of an epoch, from 0 on: trees of tensors, which may be made while they are asked for.
   * They should depend on the number of the epoch alone; otherwise a fit that is resumed is another one.
   */
  readonly batches: (epoch: number) => Iterable<B> | AsyncIterable<B>;
  /** 1 when left out. */
  readonly epochs?: number;
  /** Where the random numbers of the steps come from: `random.key(seed)`; of seed 0 when left out. */
  readonly key?: Tensor;
  /**
   * What changes beside the parameters and is not differentiated, such as running means of batch
   * normalization: a tree of tensors. With it the loss returns `[loss, modelState]`.
   */
  readonly modelState?: M;
  /** Ends the fit with the status `'aborted'`, in the middle of a step if need be; that step is as if it had not begun. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each step. */
  readonly onProgress?: ((progress: FitProgress<P>) => void) | undefined;
  /** Called, and waited for, after each epoch, with the mean of its losses. */
  readonly onEpoch?: ((progress: FitProgress<P>) => void | Promise<void>) | undefined;
  /** Takes a checkpoint after so many steps, again and again, and hands it to `save`, which is waited for. */
  readonly checkpoint?: CheckpointOptions<P, S, M> | undefined;
  /** A checkpoint to go on from, in place of the given parameters and states. */
  readonly resume?: FitCheckpoint<P, S, M> | undefined;
}

/** The end of a fit. */
export interface Fit<P, S, M> {
  /** The parameters after the last good step. */
  readonly params: Traced<P>;
  /** The state of the optimizer there. */
  readonly state: S;
  readonly modelState: M;
  readonly history: {
    /** The loss of each step, before its update. */
    readonly losses: readonly number[];
    /** Mean losses of the epochs that were finished. */
    readonly epochLosses: readonly number[];
  };
  /** From where a further call can go on. */
  readonly checkpoint: FitCheckpoint<P, S, M>;
  /** `notFinite`: the loss or an updated parameter was NaN or infinite, and the step was not taken. */
  readonly status: 'completed' | 'aborted' | 'notFinite';
  /** The status in words. */
  readonly message: string;
}
