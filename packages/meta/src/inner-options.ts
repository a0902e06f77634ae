import type { LoopCheckpoint } from '@grad/core';
import { type GradientTransformation, type LearningRate, type SgdState, sgd } from '@grad/optim';
import { checkSteps } from './check.ts';

/** How parameters are adapted to a task: by gradient descent, or by any optimizer. */
export interface InnerOptions<S = SgdState> {
  /** Updates on the support of a task. */
  readonly innerSteps: number;
  /**
   * Step size of gradient descent: a number, a tensor, a schedule, or a tree like the parameters. Tensors
   * may be variables of the function that is differentiated.
   */
  readonly innerLearningRate?: LearningRate;
  /** In place of `innerLearningRate`: a gradient transformation of `@grad/optim`, started anew for each task. */
  readonly optimizer?: GradientTransformation<S>;
  /** Whether second derivatives of the loss are left out (FOMAML); false when left out. */
  readonly firstOrder?: boolean;
  /** What reverse mode keeps of the inner steps, as in `scan` of the core; all when left out. */
  readonly checkpoint?: LoopCheckpoint;
}

/** The transformation that options ask for, its state told apart by nobody. */
export function innerOptimizer<S>(
  name: string,
  { innerSteps, innerLearningRate, optimizer }: InnerOptions<S>,
): GradientTransformation<S> | GradientTransformation<SgdState> {
  checkSteps(name, 'innerSteps', innerSteps);
  if ((innerLearningRate === undefined) === (optimizer === undefined)) {
    throw new TypeError(
      `${name}: give innerLearningRate for gradient descent, or an optimizer; ${optimizer ? 'both are' : 'neither is'} given.`,
    );
  }
  return optimizer ?? sgd({ learningRate: innerLearningRate ?? 0 });
}
