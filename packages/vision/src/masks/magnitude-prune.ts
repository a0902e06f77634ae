import { type Traced, tensor, tree } from '@grad/core';

/** Options of `magnitudePrune`. */
export interface MagnitudePruneOptions<W> {
  /** Share of the weights that are kept which is removed, in [0, 1]. */
  readonly rate: number;
  /** What is kept so far, 0 or 1 in the structure of the weights; everything when left out. */
  readonly mask?: Traced<W>;
  /** Whether the smallest are found in each tensor, or (when left out) in all of them together. */
  readonly scope?: 'global' | 'layer';
}

/**
 * A mask without the smallest of the weights that are kept.
 *
 * @param weights tree of tensors; leave out what is not to be pruned, such as biases
 * @returns 0 and 1, in the structure and dtypes of the weights
 * @throws RangeError when rate is not in [0, 1].
 */
export function magnitudePrune<const W>(weights: W, options: MagnitudePruneOptions<W>): Traced<W> {
  const { rate, mask, scope = 'global' } = options;
  checkRate('magnitudePrune', rate);
  return smallestRemoved(weights, {
    values: weights,
    kept: mask ?? tree.map((w) => w.mul(0).add(1), weights),
    rate,
    scope,
  });
}

/** What is to be removed of what is kept. */
interface Pruning {
  /** By whose sizes is chosen. */
  readonly values: unknown;
  readonly kept: unknown;
  readonly rate: number;
  readonly scope: 'global' | 'layer';
}

/** The mask that is left, in the structure of the weights. */
export function smallestRemoved<const W>(
  weights: W,
  { values, kept, rate, scope }: Pruning,
): Traced<W> {
  const leaves = tree.leaves(values).map((w) => w.dataSync());
  const alive = tree.leaves(kept).map((m) => m.dataSync());
  const groups = scope === 'layer' ? leaves.map((_, i) => [i]) : [leaves.map((_, i) => i)];
  const made = alive.map((m) => Float64Array.from(m));
  for (const group of groups) {
    const sizes = Float64Array.from(
      group.flatMap((leaf) =>
        Array.from(leaves[leaf] ?? [], Math.abs).filter((_, at) => alive[leaf]?.[at] !== 0),
      ),
    ).sort();
    const removed = Math.round(rate * sizes.length);
    if (removed === 0) continue;
    const limit = sizes[removed - 1] ?? 0;
    // Of those that equal the limit, the first ones.
    let equal = removed - sizes.indexOf(limit);
    for (const leaf of group) {
      const target = made[leaf];
      leaves[leaf]?.forEach((value, at) => {
        const size = Math.abs(value);
        if (!target || target[at] === 0 || size > limit) return;
        if (size < limit || equal-- > 0) target[at] = 0;
      });
    }
  }
  let next = 0;
  return tree.map(
    (w) =>
      tensor(made[next++] ?? [])
        .reshape(w.shape)
        .astype(w.dtype),
    weights,
  );
}

/** Refuses what is no share. */
export function checkRate(name: string, rate: number, what = 'rate'): void {
  if (rate >= 0 && rate <= 1) return;
  throw new RangeError(`${name}: ${what} is ${rate}; it must be in [0, 1].`);
}
