import { type Traced, tree } from '@grad/core';
import { checkCount } from '../check.ts';
import { checkRate, smallestRemoved } from './magnitude-prune.ts';

/** One round of pruning. */
export interface PruningRound<W, R> {
  /** From 0, the dense network. */
  readonly round: number;
  /** What was kept in this round, 0 or 1. */
  readonly mask: Traced<W>;
  /** Share of weights that were kept. */
  readonly density: number;
  /** What `train` returned. */
  readonly trained: R;
}

/** Options of `iterativeMagnitudePruning`. */
export interface IterativePruningOptions<W, R> {
  /** Prunings after the dense training. */
  readonly rounds: number;
  /** Share of the kept weights that each removes; 0.2 when left out. */
  readonly rate?: number;
  /** `global` when left out. */
  readonly scope?: 'global' | 'layer';
  /** Trains from the same early weights each time, times the mask, and keeps masked weights 0. */
  train(weights: Traced<W>, mask: Traced<W>, round: number): Promise<R> | R;
  /** The weights that can be pruned, of what `train` returned. */
  weightsOf(trained: R): Traced<W>;
  /** Called after each round, and waited for. */
  readonly onRound?: ((round: PruningRound<W, R>) => void | Promise<void>) | undefined;
  /** Ends after the round at hand with what was found until then. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The search for a winning ticket: train, remove the smallest weights, rewind the others to where they began,
 * and so on.
 *
 * @param weights those to rewind to: initial ones, or of an early step
 * @returns every round, the dense one first
 * @throws RangeError when rounds or rate makes no sense.
 * @see J. Frankle and M. Carbin, The lottery ticket hypothesis, arXiv:1803.03635.
 */
export async function iterativeMagnitudePruning<const W, R>(
  weights: W,
  options: IterativePruningOptions<W, R>,
): Promise<readonly PruningRound<W, R>[]> {
  const { rounds, rate = 0.2, scope = 'global', signal, onRound } = options;
  checkCount('iterativeMagnitudePruning', 'rounds', rounds, 0);
  checkRate('iterativeMagnitudePruning', rate);
  const done: PruningRound<W, R>[] = [];
  let mask = tree.map((w) => w.mul(0).add(1), weights);
  for (let round = 0; round <= rounds && !signal?.aborted; round++) {
    const rewound = tree.map((w, m = w) => w.mul(m), weights, mask);
    const trained = await options.train(rewound, mask, round);
    if (signal?.aborted) break;
    const entry = { round, mask, density: densityOf(mask), trained };
    done.push(entry);
    await onRound?.(entry);
    const values = options.weightsOf(trained);
    mask = smallestRemoved(weights, { values, kept: mask, rate, scope });
  }
  return done;
}

function densityOf(mask: unknown): number {
  const leaves = tree.leaves(mask);
  const kept = leaves.reduce((sum, m) => sum + m.ne(0).astype('float64').sum().item(), 0);
  return kept / leaves.reduce((sum, m) => sum + m.size, 0);
}
