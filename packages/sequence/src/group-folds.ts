import { random, type Tensor } from '@grad/core';

/** How to divide. */
export interface GroupFoldOptions {
  /** Number of parts; 10 when left out. */
  readonly folds?: number;
  /** Which division: `random.key(seed)`; that of seed 0 when left out. */
  readonly key?: Tensor;
}

/**
 * Parts for cross-validation in which equal entries stay together: give it the sequences, so that none
 * is tested on that was trained on. Parts have the same number of distinct entries, give or take one.
 *
 * @returns for each entry the number of its part, from 0 on
 * @throws RangeError when there are fewer than two parts, or fewer distinct entries than parts.
 */
export function groupFolds(
  groups: readonly string[],
  { folds = 10, key = random.key(0) }: GroupFoldOptions = {},
): Int32Array {
  const distinct = [...new Set(groups)];
  if (!Number.isSafeInteger(folds) || folds < 2 || folds > distinct.length) {
    throw new RangeError(
      `groupFolds: folds is ${folds}; it must be a whole number from 2 to ${distinct.length}, the number of distinct entries.`,
    );
  }
  const order = random.permutation(key, distinct.length).dataSync();
  const foldOf = new Map(Array.from(order, (of, i) => [distinct[Number(of)], i % folds]));
  return Int32Array.from(groups, (group) => foldOf.get(group) ?? 0);
}
