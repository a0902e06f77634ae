import {
  concatenate,
  cumsum,
  grad,
  isnan,
  jit,
  matmul,
  ones,
  slice,
  stack,
  type Tensor,
  tensor,
  vmap,
  where,
} from '@grad/core';
import { type Course, rowAt } from './course.ts';
import { limitsOf } from './limits.ts';
import { compileNonlinear, type Data, numbers, type Pull, type Unknowns } from './nonlinear.ts';
import type { FullProblem, Inputs } from './problem.ts';
import type { FollowOptions, Held } from './solution.ts';
import { type Scheme, tableaus } from './tableau.ts';
import { timingOf } from './timing.ts';

/** How time is divided, but for lengths. */
export interface Grid {
  /** What each control does in each phase. */
  readonly arcs: readonly (readonly Held[])[];
  /** Intervals of a phase. */
  readonly intervals: number;
  readonly scheme: Scheme;
}

/** The compiled functions of a collocation. */
export type Collocation = ReturnType<typeof compileCollocation>;

/**
 * Direct collocation. A costate is what the least cost gains when the state jumps there, which is the sum of the
 * multipliers of the stages after it.
 */
export function compileCollocation(problem: FullProblem, { arcs, intervals, scheme }: Grid) {
  const { terminal, controls: m, bounds } = problem;
  const matrix = tableaus[scheme];
  const phases = arcs.length;
  const [n, s, count] = [problem.initial.length, matrix.length, phases * intervals];
  const a = tensor(matrix.map((row) => [...row]));
  const nodesIn = matrix.map((row) => row.reduce((sum, one) => sum + one, 0));
  const timing = timingOf(problem, phases, intervals);
  const guessFrom = (course: Course, shares: readonly number[]): Unknowns => {
    const total = course.durations.reduce((sum, one) => sum + one, 0);
    const ends = sumsBefore(course.durations);
    const starts = sumsBefore(shares);
    /** When a stage is, as a share of the whole, in the guess. */
    const share = (i: number, j: number): number => {
      const phase = Math.floor(i / intervals);
      const k = i % intervals;
      const within = (starts[k] ?? 0) + (nodesIn[j] ?? 0) * (shares[k] ?? 0);
      return ((ends[phase] ?? 0) + within * (course.durations[phase] ?? 0)) / total;
    };
    const rows = (of: readonly (readonly number[])[]): Tensor =>
      tensor(grid(count, s, (i, j) => rowAt(course.times, of, share(i, j))));
    return {
      states: rows(course.states),
      controls: rows(course.controls),
      durations: tensor(timing.isGiven ? [] : [...course.durations]),
    };
  };
  const held = tensor(
    grid(count, s, (i) =>
      Array.from({ length: m }, (_, c) => {
        const arc = arcs[Math.floor(i / intervals)]?.[c] ?? 'free';
        return arc === 'free' ? Number.NaN : (bounds.controls[arc][c] ?? Number.NaN);
      }),
    ),
  );
  const applied = (controls: Tensor): Tensor => where(isnan(held), controls, held);
  const nodes = (states: Tensor, x0: Tensor): Tensor =>
    concatenate([x0.reshape([1, n]), slice(states, [0, s - 1]).reshape([count, n])]);
  const { steps } = timing;
  const times = (at: Unknowns, { shares }: Pick<Data, 'shares'>): Tensor => {
    const h = steps(at, shares);
    const from = cumsum(h).sub(h).reshape([count, 1]);
    return from.add(h.reshape([count, 1]).mul(tensor(nodesIn))).reshape([count * s]);
  };
  const each = <T extends Tensor>(
    f: (x: Tensor, u: Tensor, t: Tensor) => T,
    at: Unknowns,
    data: Data,
  ) =>
    vmap(f)(
      at.states.reshape([count * s, n]),
      applied(at.controls).reshape([count * s, m]),
      times(at, data),
    );
  const last = (states: Tensor): Tensor => states.at(-1, -1);
  const wanted = terminal.flatMap((value, c) => (value === null ? [] : [{ value, c }]));
  const weights = tensor([...(matrix[s - 1] ?? [])]);
  // A bound beside a given value would share its multiplier, and spoil the costate at the end.
  const isSet = (i: number, j: number, c: number): boolean =>
    i === count - 1 && j === s - 1 && wanted.some((one) => one.c === c);
  const boundsOf = (
    side: 'lower' | 'upper',
    none: number,
    which: 'all' | 'inner' | 'none',
  ): Unknowns => ({
    states: tensor(
      grid(count, s, (i, j) =>
        problem.initial.map((_, c) =>
          which === 'none' || (which === 'inner' && isSet(i, j, c))
            ? none
            : (bounds.states[side][c] ?? none),
        ),
      ),
    ),
    controls: tensor(grid(count, s, () => bounds.controls[side])),
    durations: timing.bounds(side),
  });
  const constraints = limitsOf(problem, false);
  const limits = limitsOf(problem, true);
  const along = (of: NonNullable<typeof limits>) => (at: Unknowns, data: Data) =>
    each((x, u, t) => of.at(x, u, t, data.theta), at, data);
  const path = constraints && along(constraints);
  const minimized = compileNonlinear(problem, {
    lower: boundsOf('lower', -Infinity, 'inner'),
    upper: boundsOf('upper', Infinity, 'inner'),
    whole: {
      lower: boundsOf('lower', -Infinity, 'all'),
      upper: boundsOf('upper', Infinity, 'all'),
      path,
    },
    free: {
      lower: boundsOf('lower', -Infinity, 'none'),
      upper: boundsOf('upper', Infinity, 'none'),
    },
    cost: (at, data) => {
      const { theta, shares } = data;
      const running = each((x, u, t) => problem.cost(x, u, t, theta), at, data);
      const integral = running
        .reshape([count, s])
        .mul(weights)
        .sum({ axis: 1 })
        .mul(steps(at, shares));
      return integral.sum().add(problem.terminalCost(last(at.states), theta));
    },
    defects: (at, data) => {
      const slopes = each((x, u, t) => problem.dynamics(x, u, t, data.theta), at, data);
      const moves = matmul(a, slopes.reshape([count, s, n])).mul(
        steps(at, data.shares).reshape([count, 1, 1]),
      );
      const from = slice(nodes(at.states, data.initial), [0], [count]).reshape([count, 1, n]);
      return at.states.sub(from).sub(moves);
    },
    terminal:
      wanted.length > 0
        ? ({ states }) => stack(wanted.map(({ value, c }) => last(states).at(c).sub(value)))
        : null,
    horizon: timing.horizon,
    path,
    limits: limits && along(limits),
    names: limits?.names ?? [],
    times,
  });
  const costates = (states: Tensor, pull: Pull | null, theta: Tensor): Tensor => {
    if (!pull) return ones([count + 1, n]).mul(Number.NaN);
    const { defects, terminal: ends } = pull.equalities;
    const slope = grad((x: Tensor) => problem.terminalCost(x, theta))(last(states));
    const end = stack(
      problem.initial.map((_, c) => {
        const place = wanted.findIndex((one) => one.c === c);
        return place >= 0 && ends ? slope.at(c).sub(ends.at(place)) : slope.at(c);
      }),
    );
    const inner = defects?.sum({ axis: 1 }) ?? ones([count, n]);
    return concatenate([inner, end.reshape([1, n])]);
  };
  const report = jit((x: Unknowns, pull: Pull | null, data: Data) => {
    const controls = applied(x.controls);
    const ends = cumsum(steps(x, data.shares));
    return {
      durations: timing.durations(x),
      stages: { states: x.states, controls, times: times(x, data), ends },
      times: concatenate([tensor([0]), ends]),
      states: nodes(x.states, data.initial),
      controls: concatenate([
        matmul(tensor([atStart(nodesIn)]), controls.at(0))
          .maximum(tensor([...bounds.controls.lower]))
          .minimum(tensor([...bounds.controls.upper])),
        slice(controls, [0, s - 1]).reshape([count, m]),
      ]),
      costates: costates(x.states, pull, data.theta),
    };
  });

  /** Intervals have shares of the duration of their phase. */
  return async (
    { inputs, shares }: { readonly inputs: Inputs; readonly shares: readonly number[] },
    course: Course,
    follow: FollowOptions,
  ) => {
    const data: Data = { ...inputs, shares: tensor([...shares]) };
    const found = await minimized(guessFrom(course, shares), data, follow);
    const { stages, ...path } = report(found.x, found.multipliers, data);
    return { ...path, found, stages: { ...stages, ends: numbers(stages.ends) } };
  };
}

/** Weights of the polynomial through all stages at the start of their interval. */
function atStart(c: readonly number[]): number[] {
  return c.map((ci, i) => c.reduce((w, cj, j) => (i === j ? w : (w * cj) / (cj - ci)), 1));
}

function grid(
  count: number,
  s: number,
  f: (i: number, j: number) => readonly number[],
): number[][][] {
  return Array.from({ length: count }, (_, i) => Array.from({ length: s }, (_, j) => [...f(i, j)]));
}

/** Sums of all numbers before each. */
function sumsBefore(values: readonly number[]): number[] {
  return values.map((_, k) => values.slice(0, k).reduce((sum, one) => sum + one, 0));
}
