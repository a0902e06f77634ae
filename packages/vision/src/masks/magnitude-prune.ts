import {
  argsort,
  concatenate,
  floor,
  split,
  stopGradient,
  type Tensor,
  type Traced,
  tree,
  where,
} from '@grad/core';

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
  const sizes = tree
    .leaves(values)
    .map((w) => stopGradient(w).abs().astype('float64').reshape([-1]));
  const masks = tree.leaves(kept).map((m) => m.astype('float64').reshape([-1]));
  const groups = scope === 'layer' ? sizes.map((_, i) => [i]) : [sizes.map((_, i) => i)];
  const left = groups.flatMap((group) => {
    const pick = (parts: readonly Tensor[]): Tensor[] => group.flatMap((i) => parts[i] ?? []);
    const [parts, alive] = [pick(sizes), concatenate(pick(masks))];
    const isAlive = alive.ne(0);
    const candidates = where(isAlive, concatenate(parts), Number.POSITIVE_INFINITY);
    const ranks = argsort(argsort(candidates));
    const count = floor(isAlive.astype('float64').sum().mul(rate).add(0.5));
    const mask = where(ranks.lt(count), 0, alive);
    return split(mask, cumulative(parts.map(({ size }) => size)));
  });
  let next = 0;
  return tree.map((w) => (left[next++] ?? w).reshape(w.shape).astype(w.dtype), weights);
}

/** Where the second, third, ... part begins. */
function cumulative(sizes: readonly number[]): number[] {
  let end = 0;
  return sizes.slice(0, -1).map((size) => {
    end += size;
    return end;
  });
}

/** Refuses what is no share. */
export function checkRate(name: string, rate: number, what = 'rate'): void {
  if (rate >= 0 && rate <= 1) return;
  throw new RangeError(`${name}: ${what} is ${rate}; it must be in [0, 1].`);
}
