/**
 * The structure of a solution, read off a collocation on a uniform mesh: in which intervals each control stays at a bound, and
 * each limit of states is active. What changes in between, within few intervals, is a switch. With arcs that may end
 * anywhere, a second collocation then finds the switches to the order of its polynomials.
 */

import type { Tensor } from '@grad/core';
import type { Compiled } from './compiled.ts';
import { numbers } from './nonlinear.ts';
import type { Held } from './solution.ts';

/** How near to a bound a control stays there, as a share of its range. */
const near = 1e-3;
/** How near to 0 a limit is active. */
const touch = 1e-6;
/** Intervals that the passage from one bound to the other may take. */
const passage = 3;

/** A collocation on a uniform mesh. */
interface Coarse {
  /** [intervals, s, n] and [intervals, s, m] */
  readonly states: Tensor;
  readonly controls: Tensor;
  /** Times of all stages and ends of all intervals. */
  readonly times: Tensor;
  readonly ends: readonly number[];
}

/** Arcs with their durations. */
export interface Structure {
  readonly arcs: readonly (readonly Held[])[];
  readonly durations: readonly number[];
  /** Whether limits of states are active for a while. */
  readonly hasLimits: boolean;
  /** Whether each control is at a bound in each arc. */
  readonly isHeld: boolean;
}

/** What is the same from one time to another. */
interface Piece<K> {
  readonly kind: K;
  /** Intervals, the last one not included. */
  readonly from: number;
  to: number;
}

/** The arcs of a collocation. */
export function structureOf(
  { problem, limits }: Pick<Compiled, 'problem' | 'limits'>,
  coarse: Coarse,
  theta: Tensor,
): Structure {
  const { controls, ends } = coarse;
  const [count = 0, s = 1, m = 1] = controls.shape;
  const u = numbers(controls);
  const { lower, upper } = problem.bounds.controls;
  const kindAt = (i: number, c: number): Held => {
    const [low = -Infinity, high = Infinity] = [lower[c], upper[c]];
    const range = Number.isFinite(high - low) ? high - low : 1;
    const all = Array.from({ length: s }, (_, j) => u[(i * s + j) * m + c] ?? 0);
    if (all.every((value) => value - low <= near * range)) return 'lower';
    if (all.every((value) => high - value <= near * range)) return 'upper';
    return 'free';
  };
  const start = (i: number): number => (i === 0 ? 0 : (ends[i - 1] ?? 0));
  /** How much of an interval has passed when a control leaves the first bound for the other. */
  const shareOfFirst = (i: number, c: number, first: Held): number => {
    const mean = Array.from({ length: s }, (_, j) => u[(i * s + j) * m + c] ?? 0);
    const [low = 0, high = 1] = [lower[c], upper[c]];
    const up = mean.reduce((sum, value) => sum + (value - low) / (high - low), 0) / s;
    return Math.min(1, Math.max(0, first === 'upper' ? up : 1 - up));
  };

  const total = ends.at(-1) ?? 0;
  const isEmpty = (i: number): boolean => (ends[i] ?? 0) - start(i) <= 1e-9 * total;
  const breaks: number[] = [];
  const kinds = Array.from({ length: m }, (_, c) => {
    const pieces = piecesOf<Held>(count, isEmpty, (i) => kindAt(i, c));
    const isPassage = ({ kind, from, to }: Piece<Held>, k: number): boolean => {
      const [before, after] = [pieces[k - 1]?.kind, pieces[k + 1]?.kind];
      return kind === 'free' && !!before && !!after && before !== after && to - from <= passage;
    };
    const starts = pieces.flatMap((piece, k) => {
      if (isPassage(piece, k)) return [];
      const [before, first] = [pieces[k - 1], pieces[k - 2]];
      if (!before || !first || !isPassage(before, k - 1)) {
        return [{ kind: piece.kind, time: start(piece.from) }];
      }
      let time = start(before.from);
      for (let i = before.from; i < before.to; i++) {
        time += shareOfFirst(i, c, first.kind) * ((ends[i] ?? 0) - start(i));
      }
      return [{ kind: piece.kind, time }];
    });
    breaks.push(...starts.slice(1).map(({ time }) => time));
    return (time: number): Held => starts.findLast((one) => one.time <= time)?.kind ?? 'free';
  });

  let hasLimits = false;
  if (limits) {
    const flat = (of: Tensor): Tensor => of.reshape([count * s, of.shape.at(-1) ?? 1]);
    const values = numbers(limits.along(flat(coarse.states), flat(controls), coarse.times, theta));
    const q = limits.count;
    const isActive = (i: number, k: number): boolean =>
      Array.from({ length: s }, (_, j) => values[(i * s + j) * q + k] ?? 0).every(
        (value) => value > -touch,
      );
    for (let k = 0; k < q; k++) {
      const pieces = piecesOf(count, isEmpty, (i) => isActive(i, k));
      if (pieces.some(({ kind }) => kind)) hasLimits = true;
      breaks.push(...pieces.slice(1).map(({ from }) => start(from)));
    }
  }

  return assembled(kinds, breaks, total, hasLimits);
}

/**
 * The arcs that the signs of the switching function [k + 1, m] ask for, where all controls are at bounds and these arcs are
 * others than those that were solved for.
 */
export function structureBySigns(switching: Tensor, times: readonly number[]): Structure {
  const [count = 1, m = 1] = switching.shape;
  const slope = numbers(switching);
  const breaks: number[] = [];
  const kinds = Array.from({ length: m }, (_, c) => {
    const at = (k: number): number => slope[k * m + c] ?? 0;
    const kindOf = (value: number): Held => (value > 0 ? 'lower' : 'upper');
    const starts = [{ kind: kindOf(at(0)), time: 0 }];
    for (let k = 1; k < count; k++) {
      const [before, now] = [at(k - 1), at(k)];
      if (kindOf(before) === kindOf(now)) continue;
      const [t0 = 0, t1 = 0] = [times[k - 1], times[k]];
      starts.push({ kind: kindOf(now), time: t0 + ((t1 - t0) * before) / (before - now) });
    }
    breaks.push(...starts.slice(1).map(({ time }) => time));
    return (time: number): Held => starts.findLast((one) => one.time <= time)?.kind ?? 'free';
  });
  return assembled(kinds, breaks, times.at(-1) ?? 0, false);
}

function assembled(
  kinds: readonly ((time: number) => Held)[],
  breaks: readonly number[],
  total: number,
  hasLimits: boolean,
): Structure {
  const marks = [0, ...breaks.toSorted((a, b) => a - b), total];
  const spans = marks.slice(1).flatMap((to, i) => {
    const from = marks[i] ?? 0;
    return to - from > 1e-6 * total ? [{ from, duration: to - from }] : [];
  });
  const arcs = spans.map(({ from, duration }) => kinds.map((at) => at(from + duration / 2)));
  return {
    arcs,
    isHeld: arcs.every((arc) => !arc.includes('free')) && !hasLimits,
    durations: spans.map(({ duration }) => duration),
    hasLimits,
  };
}

/** Runs of intervals of one kind; empty intervals are of any. */
function piecesOf<K>(
  count: number,
  isEmpty: (i: number) => boolean,
  kindAt: (i: number) => K,
): Piece<K>[] {
  const pieces: Piece<K>[] = [];
  for (let i = 0; i < count; i++) {
    const last = pieces.at(-1);
    if (isEmpty(i)) {
      if (last) last.to = i + 1;
      continue;
    }
    const kind = kindAt(i);
    if (last?.kind === kind) last.to = i + 1;
    else pieces.push({ kind, from: i, to: i + 1 });
  }
  return pieces;
}
