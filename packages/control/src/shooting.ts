import {
  concatenate,
  cumsum,
  grad,
  isnan,
  jit,
  ones,
  slice,
  stack,
  type Tensor,
  tensor,
  vmap,
  where,
  zeros,
} from '@grad/core';
import { type Course, controlsAt, rowAt } from './course.ts';
import { limitsOf } from './limits.ts';
import { compileNonlinear, type Data, type Pull, type Unknowns } from './nonlinear.ts';
import type { FullProblem, Inputs } from './problem.ts';
import { follow as followControls, pairs } from './rollout.ts';
import type { FollowOptions, Held } from './solution.ts';
import { type Integration, stepOf } from './step.ts';
import { equalShares, timingOf } from './timing.ts';

/** How time is divided. */
export interface ShootingGrid {
  readonly arcs: readonly (readonly Held[])[];
  readonly intervals: number;
  readonly integration: Integration;
  /** Whether states at the ends of intervals are unknowns as well. */
  readonly isMultiple: boolean;
}

/**
 * Direct shooting: the unknowns are the controls of all intervals, and, in multiple shooting, the states at their ends.
 * Bounds of states and constraints hold at the ends of intervals. Costates are derivatives of the Lagrangian in jumps
 * of the state.
 *
 * H. Bock and K. Plitt, A multiple shooting algorithm for direct solution of optimal control problems, IFAC Proc. 17
 * (1984) 1603.
 */
export function compileShooting(
  problem: FullProblem,
  { arcs, intervals, integration, isMultiple }: ShootingGrid,
) {
  const { terminal, controls: m, bounds } = problem;
  const timing = timingOf(problem, arcs.length, intervals);
  const shares = tensor(equalShares(intervals));
  const { count } = timing;
  const steps = (at: Unknowns): Tensor => timing.steps(at, shares);
  const n = problem.initial.length;
  const isLinear = integration.hold === 'linear' && !problem.isDiscrete;
  const rows = isLinear ? count + 1 : count;
  const table = (length: number, f: (i: number) => readonly number[]): Tensor =>
    tensor(Array.from({ length }, (_, i) => [...f(i)]));
  const noStates = tensor([]);
  const guessFrom = (course: Course): Unknowns => ({
    states: isMultiple
      ? table(count, (i) => rowAt(course.times, course.states, (i + 1) / count))
      : noStates,
    controls: table(rows, (i) =>
      isLinear
        ? rowAt(course.times, course.controls, i / count)
        : controlsAt(course, (i + 0.5) / count),
    ),
    durations: tensor(timing.isGiven ? [] : [...course.durations]),
  });
  const held = table(rows, (i) =>
    Array.from({ length: m }, (_, c) => {
      const arc = arcs[Math.min(arcs.length - 1, Math.floor(i / intervals))]?.[c] ?? 'free';
      return arc === 'free' ? Number.NaN : (bounds.controls[arc][c] ?? Number.NaN);
    }),
  );
  const applied = (controls: Tensor): Tensor => where(isnan(held), controls, held);
  const step = stepOf(problem, integration);
  const starts = (at: Unknowns): Tensor => cumsum(steps(at)).sub(steps(at));
  const times = (at: Unknowns): Tensor => cumsum(steps(at));
  const way = (at: Unknowns, { initial: x0, theta }: Inputs, jumps?: Tensor) =>
    followControls(
      problem,
      integration,
      { x0, controls: applied(at.controls), steps: steps(at), ...(jumps && { jumps }) },
      theta,
    );
  const inner = (nodes: Tensor): Tensor => slice(nodes, [1]);
  /** States at the ends of intervals. */
  const ends = (at: Unknowns, data: Inputs): Tensor =>
    isMultiple ? at.states : inner(way(at, data).states);
  /** All intervals, each from its own start. */
  const each = (at: Unknowns, { initial, theta }: Inputs) => {
    const x = concatenate([initial.reshape([1, n]), slice(at.states, [0], [count - 1])]);
    const from = { x, ...pairs(applied(at.controls), { hold: isLinear ? 'linear' : 'constant' }) };
    return vmap((interval: Parameters<typeof step>[0]) => step(interval, theta))({
      ...from,
      t: starts(at),
      h: steps(at),
    });
  };
  const wanted = terminal.flatMap((value, c) => (value === null ? [] : [{ value, c }]));
  const isSet = (i: number, c: number): boolean =>
    i === count - 1 && wanted.some((one) => one.c === c);
  const boundsOf = (side: 'lower' | 'upper', none: number, which: 'all' | 'inner' | 'none') => ({
    states: isMultiple
      ? table(count, (i) =>
          problem.initial.map((_, c) =>
            which === 'none' || (which === 'inner' && isSet(i, c))
              ? none
              : (bounds.states[side][c] ?? none),
          ),
        )
      : noStates,
    controls: table(rows, () => bounds.controls[side]),
    durations: timing.bounds(side),
  });
  const both = (which: 'all' | 'inner' | 'none') => ({
    lower: boundsOf('lower', -Infinity, which),
    upper: boundsOf('upper', Infinity, which),
  });
  const limits = limitsOf(problem, true);
  const path = isMultiple ? limitsOf(problem, false) : limits;
  // A bound beside a given value would share its multiplier, as in collocation.
  const isLast = table(count, (i) =>
    (path?.states ?? []).map((c) => (c !== null && isSet(i, c) ? 1 : 0)),
  );
  const along =
    (of: NonNullable<typeof limits>) =>
    (at: Unknowns, data: Inputs): Tensor => {
      const { uNext } = pairs(applied(at.controls), { hold: isLinear ? 'linear' : 'constant' });
      return vmap((x: Tensor, u: Tensor, t: Tensor) => of.at(x, u, t, data.theta))(
        ends(at, data),
        uNext,
        times(at),
      );
    };
  const minimized = compileNonlinear(problem, {
    ...both('inner'),
    whole: { ...both('all'), path: path && along(path) },
    free: both('none'),
    cost: (at, data) =>
      isMultiple
        ? each(at, data)
            .cost.sum()
            .add(problem.terminalCost(at.states.at(-1), data.theta))
        : way(at, data).cost,
    defects: isMultiple ? (at, data) => at.states.sub(each(at, data).x) : null,
    terminal:
      wanted.length > 0
        ? (at, data) => {
            const last = ends(at, data).at(-1);
            return stack(wanted.map(({ value, c }) => last.at(c).sub(value)));
          }
        : null,
    horizon: timing.horizon,
    path: path && ((at, data) => where(isLast.gt(0), -1, along(path)(at, data))),
    limits: limits && along(limits),
    names: limits?.names ?? [],
    times,
  });
  const costates = (at: Unknowns, { equalities, inequalities }: Pull, data: Inputs): Tensor => {
    const { initial, theta } = data;
    const controls = applied(at.controls);
    if (isMultiple && equalities.defects) {
      const after = equalities.defects;
      const first = grad((x: Tensor) => {
        const { u, uNext } = pairs(controls, { hold: isLinear ? 'linear' : 'constant' });
        const interval = { x, u: u.at(0), uNext: uNext.at(0), t: tensor(0), h: steps(at).at(0) };
        const next = step(interval, theta);
        return next.cost.add(next.x.mul(after.at(0)).sum());
      })(initial);
      return concatenate([first.reshape([1, n]), after]);
    }
    const lagrangian = (jumps: Tensor): Tensor => {
      const reached = way(at, data, jumps);
      const last = reached.states.at(-1);
      let value = reached.cost;
      wanted.forEach(({ c }, i) => {
        if (equalities.terminal) value = value.sub(last.at(c).mul(equalities.terminal.at(i)));
      });
      if (!path || !inequalities) return value;
      const { uNext } = pairs(controls, { hold: isLinear ? 'linear' : 'constant' });
      const over = vmap((x: Tensor, u: Tensor, t: Tensor) => path.at(x, u, t, theta))(
        inner(reached.states),
        uNext,
        times(at),
      );
      return value.add(where(isLast.gt(0), 0, over).mul(inequalities.path).sum());
    };
    return grad(lagrangian)(zeros([count + 1, n]));
  };
  const report = jit((x: Unknowns, pull: Pull | null, data: Inputs) => {
    const controls = applied(x.controls);
    return {
      durations: timing.durations(x),
      times: concatenate([tensor([0]), times(x)]),
      states: isMultiple
        ? concatenate([data.initial.reshape([1, n]), x.states])
        : way(x, data).states,
      controls: isLinear ? controls : concatenate([slice(controls, [0], [1]), controls]),
      costates: pull ? costates(x, pull, data) : ones([count + 1, n]).mul(Number.NaN),
    };
  });

  return async (inputs: Inputs, course: Course, follow: FollowOptions) => {
    const data: Data = { ...inputs, shares };
    const found = await minimized(guessFrom(course), data, follow);
    return { ...report(found.x, found.multipliers, inputs), found };
  };
}
