import { grad, type Tensor } from '@grad/core';
import type { Step } from '@grad/nn';
import { pickScore, type TargetOptions } from '../model.ts';
import type { Network } from '../network.ts';
import { stepsOf } from './go-back.ts';

/** The way of x through a network, and the slope of the target's scores in its result. */
export interface Seed {
  readonly steps: readonly Step[];
  readonly back: Tensor;
  /** The target's scores, `[n]`, of a result. */
  pick(y: Tensor): Tensor;
}

export function seed(name: string, model: Network, x: Tensor, { target }: TargetOptions): Seed {
  const steps = stepsOf(name, model, x);
  const y = steps.at(-1)?.output ?? x;
  const { pick } = pickScore(name, y, x, target);
  return { steps, back: grad((z: Tensor) => pick(z).sum())(y), pick };
}
