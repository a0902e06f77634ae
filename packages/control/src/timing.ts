import { ones, type Tensor, tensor } from '@grad/core';
import type { Unknowns } from './nonlinear.ts';
import type { FullProblem } from './problem.ts';

/** How the time of a problem is divided: phases of alike intervals, whose durations are unknown where they can be. */
export interface Timing {
  readonly isGiven: boolean;
  /** Intervals in all. */
  readonly count: number;
  readonly durations: (at: Pick<Unknowns, 'durations'>) => Tensor;
  /** Lengths of all intervals, where those of a phase have shares [intervals] of its duration. */
  readonly steps: (at: Pick<Unknowns, 'durations'>, shares: Tensor) => Tensor;
  readonly bounds: (side: 'lower' | 'upper') => Tensor;
  /** What the durations lack to the horizon, where that is an equation. */
  readonly horizon: ((at: Unknowns) => Tensor) | null;
}

/** Divides the time of a problem. */
export function timingOf(problem: FullProblem, phases: number, intervals: number): Timing {
  const { time, isFree } = problem;
  const isGiven = !isFree && phases === 1;
  const count = phases * intervals;
  const durations: Timing['durations'] = ({ durations: unknown }) =>
    isGiven ? ones([1]).mul(time) : unknown;
  // Where nothing lasts, no control matters, and every one of them is as good as any.
  const shortest = phases === 1 ? 1e-3 * time : 0;
  return {
    isGiven,
    count,
    durations,
    steps: (at, shares) => durations(at).reshape([phases, 1]).mul(shares).reshape([count]),
    bounds: (side) =>
      tensor(isGiven ? [] : Array(phases).fill(side === 'lower' ? shortest : Infinity)),
    horizon: isFree || isGiven ? null : ({ durations: unknown }) => unknown.sum().sub(time),
  };
}

/** Shares of equal intervals. */
export function equalShares(intervals: number): number[] {
  return Array<number>(intervals).fill(1 / intervals);
}
