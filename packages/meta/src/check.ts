import { ShapeError, type Tensor } from '@grad/core';

/** Refuses what is no whole number of 0 or more. */
export function checkSteps(name: string, option: string, steps: number): void {
  if (Number.isInteger(steps) && steps >= 0) return;
  throw new RangeError(`${name}: ${option} is ${steps}; give a whole number of 0 or more.`);
}

/** Refuses a loss that is not one number. */
export function scalarLoss(name: string, loss: Tensor): Tensor {
  if (loss.ndim === 0) return loss;
  throw new ShapeError(
    `${name}: the loss of one task has shape [${loss.shape.join(', ')}]; it must be a scalar. End it with .mean() or .sum().`,
  );
}

/** Refuses a task without its two parts. */
export function checkTask(name: string, task: object): void {
  const missing = ['support', 'query'].filter((part) => !Object.hasOwn(task, part));
  if (missing.length === 0) return;
  throw new TypeError(
    `${name}: the task has no ${missing.join(' and no ')}; give { support, query }, the data to adapt to and the data to be judged by.`,
  );
}
