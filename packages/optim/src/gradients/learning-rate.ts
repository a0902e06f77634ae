import { full, isTensor, type Tensor, tensor, tree } from '@grad/core';
import type { Schedule } from './schedules.ts';

/**
 * A learning rate: a number or a tensor, a schedule, or a tree of numbers and tensors in the structure
 * of the parameters. Tensors may be variables of a function that is differentiated, as in
 * meta-learning.
 */
export type LearningRate = number | Tensor | Schedule | object;

/** The count of updates before the first. */
export function firstCount(): Tensor {
  return tensor(0, { dtype: 'int32' });
}

/** A reader of learning rates: one for each of so many leaves, at a count. */
export function ratesOf(
  name: string,
  rate: LearningRate,
): (count: Tensor, leaves: readonly Tensor[]) => Tensor[] {
  if (typeof rate === 'number' && !Number.isFinite(rate)) {
    throw new RangeError(`${name}: learningRate is ${rate}; give a finite number.`);
  }
  return (count, leaves) => {
    const given = isSchedule(rate) ? rate(count) : rate;
    const rates = tree.leaves(given);
    const [only] = rates;
    const single = only !== undefined && (isTensor(given) || typeof given === 'number');
    if (!single && rates.length !== leaves.length) {
      throw new TypeError(
        `${name}: learningRate has ${rates.length} leaves and the gradients ${leaves.length}; give one rate, or a tree in the structure of the parameters.`,
      );
    }
    return leaves.map((leaf, i) =>
      ((single ? only : rates[i]) ?? full([], Number.NaN)).astype(leaf.dtype),
    );
  };
}

function isSchedule(rate: LearningRate): rate is Schedule {
  return typeof rate === 'function';
}
