import {
  concatenate,
  grad,
  isnan,
  matmul,
  ones,
  slice,
  stack,
  type Tensor,
  tensor,
  vmap,
  where,
} from '@grad/core';
import { minimize } from '@grad/optim';
import type { FullProblem } from './problem.ts';
import type { Arc, FollowOptions } from './solution.ts';
import { type Scheme, tableaus } from './tableau.ts';

interface Layout {
  readonly phases: number;
  readonly arcs: readonly Arc[];
  readonly intervals: number;
  readonly scheme: Scheme;
}

/**
 * Direct collocation. A costate is what the least cost gains when the state jumps there, which is the sum of the
 * multipliers of the stages after it.
 */
export async function collocate(
  problem: FullProblem,
  { phases, arcs, intervals, scheme }: Layout,
  follow: FollowOptions,
) {
  const { initial, terminal, controls: m, bounds, time, isFree } = problem;
  const matrix = tableaus[scheme];
  const [n, s, count] = [initial.length, matrix.length, phases * intervals];
  const x0 = tensor([...initial]);
  const a = tensor(matrix.map((row) => [...row]));
  const share = (i: number, j: number): number => (i * s + j + 1) / (count * s);
  const guess = {
    states: tensor(
      grid(count, s, (i, j) =>
        initial.map((from, c) => from + share(i, j) * ((terminal[c] ?? from) - from)),
      ),
    ),
    controls: tensor(
      grid(count, s, () => Array.from({ length: m }, (_, c) => middle(bounds.controls, c))),
    ),
    durations: ones([phases]).mul(time / phases),
  };
  type Unknowns = { states: Tensor; controls: Tensor; durations: Tensor };
  const held = tensor(
    grid(count, s, (i) => {
      const arc = arcs[Math.floor(i / intervals)] ?? 'free';
      return (arc === 'free' ? undefined : bounds.controls?.[arc]) ?? Array(m).fill(Number.NaN);
    }),
  );
  const applied = (controls: Tensor): Tensor => where(isnan(held), controls, held);
  const isGiven = !isFree && phases === 1;
  const nodes = (states: Tensor): Tensor =>
    concatenate([x0.reshape([1, n]), slice(states, [0, s - 1]).reshape([count, n])]);
  const each = <T extends Tensor>(f: (x: Tensor, u: Tensor) => T, at: Unknowns): Tensor =>
    vmap(f)(at.states.reshape([count * s, n]), applied(at.controls).reshape([count * s, m]));
  const steps = (durations: Tensor): Tensor =>
    (isGiven ? ones([1]).mul(time) : durations)
      .div(intervals)
      .reshape([phases, 1])
      .mul(ones([phases, intervals]))
      .reshape([count]);
  const last = (states: Tensor): Tensor => states.at(-1, -1);
  const wanted = terminal.flatMap((value, c) => (value === null ? [] : [{ value, c }]));
  const atEnd = (states: Tensor): Tensor | null =>
    wanted.length > 0 ? stack(wanted.map(({ value, c }) => last(states).at(c).sub(value))) : null;
  const weights = tensor([...(matrix[s - 1] ?? [])]);
  // A bound beside a given value would share its multiplier, and spoil the costate at the end.
  const isSet = (i: number, j: number, c: number): boolean =>
    i === count - 1 && j === s - 1 && wanted.some((one) => one.c === c);
  const ofStates = (side: 'lower' | 'upper', none: number): Tensor =>
    tensor(
      grid(count, s, (i, j) =>
        initial.map((_, c) => (isSet(i, j, c) ? none : (bounds.states?.[side]?.[c] ?? none))),
      ),
    );
  const ofControls = (side: 'lower' | 'upper', none: number): Tensor =>
    tensor(grid(count, s, () => bounds.controls?.[side] ?? Array(m).fill(none)));
  const found = await minimize(
    (at) => {
      const running = each((x, u) => problem.cost(x, u).mul(1), at).reshape([count, s]);
      const integral = running.mul(weights).sum({ axis: 1 }).mul(steps(at.durations)).sum();
      return integral.add(problem.terminalCost(last(at.states)));
    },
    guess,
    {
      bounds: {
        lower: {
          states: ofStates('lower', -Infinity),
          controls: ofControls('lower', -Infinity),
          durations: tensor(Array(phases).fill(0)),
        },
        upper: {
          states: ofStates('upper', Infinity),
          controls: ofControls('upper', Infinity),
          durations: tensor(Array(phases).fill(isGiven ? 2 * time : Infinity)),
        },
      },
      equalities: (at) => {
        const slopes = each(problem.dynamics, at).reshape([count, s, n]);
        const moves = matmul(a, slopes).mul(steps(at.durations).reshape([count, 1, 1]));
        return {
          defects: at.states
            .sub(slice(nodes(at.states), [0], [count]).reshape([count, 1, n]))
            .sub(moves),
          terminal: atEnd(at.states),
          horizon: isFree || isGiven ? null : at.durations.sum().sub(time),
        };
      },
      maxIterations: follow.maxIterations,
      signal: follow.signal,
      tolerance: 1e-10,
      callback: follow.onIteration,
    },
  );
  const { states } = found.x;
  const controls = applied(found.x.controls);
  const durations = isGiven ? ones([1]).mul(time) : found.x.durations;
  const end = last(states);
  const pull = found.multipliers.equalities.terminal;
  const slope = grad((x: Tensor) => problem.terminalCost(x).add(x.sum().mul(0)))(end);
  const pEnd = stack(
    initial.map((_, c) => {
      const place = wanted.findIndex((one) => one.c === c);
      return place >= 0 && pull ? slope.at(c).sub(pull.at(place)) : slope.at(c);
    }),
  );
  const starts = found.multipliers.equalities.defects.sum({ axis: 1 });
  return {
    found,
    durations,
    states: nodes(states),
    controls: concatenate([
      matmul(tensor([atStart(matrix)]), controls.at(0)),
      slice(controls, [0, s - 1]).reshape([count, m]),
    ]),
    costates: concatenate([starts, pEnd.reshape([1, n])]),
    steps: steps(durations),
  };
}

/** Weights of the polynomial through all stages at the start of their interval. */
function atStart(matrix: readonly (readonly number[])[]): number[] {
  const c = matrix.map((row) => row.reduce((sum, one) => sum + one, 0));
  return c.map((ci, i) => c.reduce((w, cj, j) => (i === j ? w : (w * cj) / (cj - ci)), 1));
}

function grid(
  count: number,
  s: number,
  f: (i: number, j: number) => readonly number[],
): number[][][] {
  return Array.from({ length: count }, (_, i) => Array.from({ length: s }, (_, j) => [...f(i, j)]));
}

function middle(
  range: { lower?: readonly number[]; upper?: readonly number[] } | undefined,
  c: number,
): number {
  const [lo, hi] = [range?.lower?.[c] ?? -Infinity, range?.upper?.[c] ?? Infinity];
  if (Number.isFinite(lo + hi)) return (lo + hi) / 2;
  return Math.min(Math.max(0, lo), hi);
}
