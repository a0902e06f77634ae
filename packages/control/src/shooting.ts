import {
  concatenate,
  cumsum,
  grad,
  isnan,
  ones,
  slice,
  stack,
  type Tensor,
  tensor,
  vmap,
  where,
  zeros,
} from '@grad/core';
import { type Course, rowAt } from './course.ts';
import { limitsOf } from './limits.ts';
import { type NonlinearEnd, solveNonlinear, type Unknowns } from './nonlinear.ts';
import type { FullProblem } from './problem.ts';
import { follow as followControls, pairs } from './rollout.ts';
import type { FollowOptions, Held } from './solution.ts';
import { type Integration, stepOf } from './step.ts';
import { equalShares, timingOf } from './timing.ts';

/** How time is divided. */
interface Grid {
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
export async function shootDirectly(
  problem: FullProblem,
  { arcs, intervals, integration, isMultiple }: Grid,
  course: Course,
  follow: FollowOptions,
) {
  const { initial, terminal, controls: m, bounds, theta } = problem;
  const timing = timingOf(problem, arcs.length, equalShares(intervals));
  const { count, steps } = timing;
  const n = initial.length;
  const isLinear = integration.hold === 'linear' && !problem.isDiscrete;
  const rows = isLinear ? count + 1 : count;
  const x0 = tensor([...initial]);
  const table = (length: number, f: (i: number) => readonly number[]): Tensor =>
    tensor(Array.from({ length }, (_, i) => [...f(i)]));
  const noStates = tensor([]);
  const guess: Unknowns = {
    states: isMultiple
      ? table(count, (i) => rowAt(course.times, course.states, (i + 1) / count))
      : noStates,
    controls: table(rows, (i) =>
      rowAt(course.times, course.controls, isLinear ? i / count : (i + 0.5) / count),
    ),
    durations: tensor(timing.isGiven ? [] : [...course.durations]),
  };
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
  const way = (at: Unknowns, parameters: Tensor, jumps?: Tensor) =>
    followControls(
      problem,
      integration,
      { x0, controls: applied(at.controls), steps: steps(at), ...(jumps && { jumps }) },
      parameters,
    );
  const inner = (nodes: Tensor): Tensor => slice(nodes, [1]);
  /** States at the ends of intervals. */
  const ends = (at: Unknowns, parameters: Tensor): Tensor =>
    isMultiple ? at.states : inner(way(at, parameters).states);
  /** All intervals, each from its own start. */
  const each = (at: Unknowns, parameters: Tensor) => {
    const x = concatenate([x0.reshape([1, n]), slice(at.states, [0], [count - 1])]);
    const from = { x, ...pairs(applied(at.controls), { hold: isLinear ? 'linear' : 'constant' }) };
    return vmap((interval: Parameters<typeof step>[0]) => step(interval, parameters))({
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
          initial.map((_, c) =>
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
    (at: Unknowns, parameters: Tensor): Tensor => {
      const { uNext } = pairs(applied(at.controls), { hold: isLinear ? 'linear' : 'constant' });
      return vmap((x: Tensor, u: Tensor, t: Tensor) => of.at(x, u, t, parameters))(
        ends(at, parameters),
        uNext,
        times(at),
      );
    };
  const found = await solveNonlinear(
    problem,
    {
      guess,
      ...both('inner'),
      whole: { ...both('all'), path: path && along(path) },
      free: both('none'),
      cost: (at, parameters) =>
        isMultiple
          ? each(at, parameters)
              .cost.sum()
              .add(problem.terminalCost(at.states.at(-1), parameters))
          : way(at, parameters).cost,
      defects: isMultiple ? (at, parameters) => at.states.sub(each(at, parameters).x) : null,
      terminal:
        wanted.length > 0
          ? (at, parameters) => {
              const last = ends(at, parameters).at(-1);
              return stack(wanted.map(({ value, c }) => last.at(c).sub(value)));
            }
          : null,
      horizon: timing.horizon,
      path: path && ((at, parameters) => where(isLast.gt(0), -1, along(path)(at, parameters))),
      limits: limits && along(limits),
      names: limits?.names ?? [],
      times,
    },
    follow,
  );
  const controls = applied(found.x.controls);
  const { states } = way(found.x, theta);
  return {
    found,
    durations: timing.durations(found.x),
    times: concatenate([tensor([0]), times(found.x)]),
    states: isMultiple ? concatenate([x0.reshape([1, n]), found.x.states]) : states,
    controls: isLinear ? controls : concatenate([slice(controls, [0], [1]), controls]),
    costates: found.multipliers ? costates(found.x, found.multipliers) : nowhere(),
  };

  function nowhere(): Tensor {
    return ones([count + 1, n]).mul(Number.NaN);
  }

  function costates(at: Unknowns, multipliers: NonNullable<NonlinearEnd['multipliers']>): Tensor {
    const { equalities, inequalities } = multipliers;
    if (isMultiple && equalities.defects) {
      const after = equalities.defects;
      const first = grad((x: Tensor) => {
        const { u, uNext } = pairs(controls, { hold: isLinear ? 'linear' : 'constant' });
        const interval = { x, u: u.at(0), uNext: uNext.at(0), t: tensor(0), h: steps(at).at(0) };
        const next = step(interval, theta);
        return next.cost.add(next.x.mul(after.at(0)).sum());
      })(x0);
      return concatenate([first.reshape([1, n]), after]);
    }
    const lagrangian = (jumps: Tensor): Tensor => {
      const reached = way(at, theta, jumps);
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
  }
}
