import {
  concatenate,
  cumsum,
  grad,
  MatrixError,
  type Tensor,
  type Traced,
  tensor,
  tree,
  vmap,
} from '@grad/core';
import { collocate, type Mesh } from './collocation.ts';
import { type Course, evenly, rowAt } from './course.ts';
import { descend } from './descend.ts';
import { collocateByArcs, isExtremal } from './find-arcs.ts';
import { pontryagin } from './hamiltonian.ts';
import { compileIlqr } from './ilqr.ts';
import { shoot } from './indirect.ts';
import { middle } from './limits.ts';
import { type NonlinearEnd, numbers } from './nonlinear.ts';
import { type ControlProblem, type FullProblem, fullProblem } from './problem.ts';
import { shootDirectly } from './shooting.ts';
import type { ControlOptions, ControlSolution, FollowOptions, Guess, Held } from './solution.ts';
import { equalShares } from './timing.ts';

/**
 * A problem of optimal control, to be solved by direct collocation, or by indirect shooting on the equations of
 * Pontryagin's principle, which are derived from the problem. Functions must be pure; a solution that
 * is not found is a status, not an exception.
 *
 * @throws TypeError or RangeError when the problem or an option makes no sense.
 * @see J. Betts, Practical methods for optimal control (2010), chapter 4; A. Bryson and Y. Ho, Applied optimal
 * control (1975), chapters 2 and 3.
 */
export function optimalControl<const P = null>(
  given: ControlProblem<P>,
): {
  /** Solves it; how it ended is said by `status` and `message`. */
  solve(options?: ControlOptions): Promise<ControlSolution<P>>;
} {
  const problem = fullProblem(given);
  const [, unravel] = tree.ravel<P | null>(given.parameters ?? null);
  return {
    async solve(options = {}) {
      const { gradient, ...found } = await solve(problem, options);
      const parameters = (vector: Tensor): Traced<P> => {
        const [leaves, structure] = tree.flatten(unravel(vector));
        return tree.unflatten<Traced<P>>(structure, leaves);
      };
      const gradients = gradient && {
        initial: found.costates.at(0),
        parameters: parameters(gradient),
      };
      return { ...found, gradients };
    },
  };
}

/** A solution with the derivative in parameters as a vector. */
type Found = Omit<ControlSolution, 'gradients'> & { readonly gradient: Tensor | null };

async function solve(problem: FullProblem, options: ControlOptions): Promise<Found> {
  const { method = 'collocation', scheme = 'radau', maxIterations = 500 } = options;
  const { intervals = problem.isDiscrete ? problem.time : 20 } = options;
  const { phases = options.arcs?.length ?? 1, signal, onIteration } = options;
  for (const [name, value] of Object.entries({ intervals, phases })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`optimalControl: ${name} is ${value}; it is a whole number from 1.`);
    }
  }
  if (problem.isDiscrete && intervals !== problem.time) {
    throw new RangeError(
      `optimalControl: intervals is ${intervals}; in discrete time it is the horizon, ${problem.time}.`,
    );
  }
  const follow: FollowOptions = { maxIterations, signal, onIteration };
  const isShooting = method === 'shooting' || method === 'multipleShooting';
  if (problem.isDiscrete && !isShooting && method !== 'ilqr') {
    throw new RangeError(
      `optimalControl: ${method} is for continuous time; in discrete time use shooting, multipleShooting or ilqr.`,
    );
  }
  const arcs = arcsOf(problem, options.arcs ?? Array<Held>(phases).fill('free'));
  const course = courseOf(problem, options.guess, arcs.length);
  if (method === 'ilqr') return byIlqr(problem, options, intervals, course, follow);
  if (isShooting) {
    const isMultiple = method === 'multipleShooting';
    const grid = { arcs, intervals, integration: options, isMultiple };
    return direct(problem, arcs, await shootDirectly(problem, grid, course, follow));
  }
  const mesh: Mesh = { arcs, shares: equalShares(intervals), scheme };
  if (options.arcs !== undefined || options.phases !== undefined) {
    const named = direct(problem, arcs, await collocate(problem, mesh, course, follow));
    const isEnough = method === 'collocation' || named.status !== 'converged';
    return isEnough ? named : indirect(problem, named, intervals, follow);
  }
  const { structure, direct: found } = await collocateByArcs(problem, mesh, course, follow);
  let end = 0;
  const switches = structure.durations.map((duration) => {
    end += duration;
    return end;
  });
  const coarse: Found = { ...direct(problem, arcs, found), arcs: structure.arcs, switches };
  if (method === 'collocation' || coarse.status !== 'converged') return coarse;
  const stay = (why: string): Found => ({
    ...coarse,
    status: 'stalled',
    message: `${why}; this is the collocation.`,
  });
  if (structure.hasLimits) {
    return stay(
      'Bounds of states or constraints are active for a while, which the equations of shooting do not have',
    );
  }
  const exact = await indirect(problem, coarse, intervals, follow);
  if (exact.status === 'aborted') return exact;
  const isFound = exact.status === 'converged' && isExtremal(problem, exact.arcs, exact);
  return isFound
    ? exact
    : stay(`The equations of shooting have no solution near. ${exact.message}`);
}

/** The end of a method that is one minimization. */
function direct(
  problem: FullProblem,
  arcs: Mesh['arcs'],
  path: Path & { readonly found: NonlinearEnd },
): Found {
  const { cost, status, message, violated, gradient } = path.found;
  const defects = violated[0]?.amount ?? 0;
  return finish(problem, arcs, path, { cost, defects, status, message, violated, gradient });
}

/** Shooting from a collocation. */
async function indirect(
  problem: FullProblem,
  coarse: Found,
  intervals: number,
  { maxIterations, signal }: FollowOptions,
): Promise<Found> {
  const { arcs } = coarse;
  const durations = coarse.switches.map((end, i) => end - (coarse.switches[i - 1] ?? 0));
  const start = { costate: coarse.costates.at(0), durations: tensor(durations) };
  try {
    const exact = await shoot(problem, arcs, intervals, start, { signal, maxIterations });
    const defects = exact.found.residual.item();
    const end = exact.found.status ?? 'stalled';
    return finish(problem, arcs, exact, {
      cost: exact.cost.item(),
      defects,
      status: end,
      message: `Shooting ended after ${exact.found.iterations.item()} iterations with a residual of ${defects}.`,
      violated: end === 'converged' ? [] : [{ name: 'shooting', amount: defects, time: 0 }],
      gradient: end === 'converged' ? exact.gradient : null,
    });
  } catch (error) {
    if (signal?.aborted) {
      return { ...coarse, status: 'aborted', message: 'The signal was aborted.' };
    }
    if (!(error instanceof MatrixError)) throw error;
    return {
      ...coarse,
      status: 'stalled',
      message: `The second derivative of H in a free control is singular, so that shooting cannot tell the control; this is the collocation. (${error.message})`,
    };
  }
}

async function byIlqr(
  problem: FullProblem,
  { hold = 'constant', ...options }: ControlOptions,
  intervals: number,
  course: Course,
  follow: FollowOptions,
): Promise<Found> {
  if (problem.isFree || hold !== 'constant' || options.arcs || options.phases) {
    throw new RangeError(
      'optimalControl: ilqr is for a given horizon and constant controls in intervals, without arcs and phases.',
    );
  }
  const arcs = Array<Held>(problem.controls).fill('free');
  const start = Array.from({ length: intervals }, (_, i) =>
    rowAt(course.times, course.controls, (i + 0.5) / intervals),
  );
  const ilqr = compileIlqr(problem, intervals, options);
  const found = await descend(
    ilqr,
    { x: tensor([...problem.initial]), t: tensor(0) },
    { controls: tensor(start) },
    follow,
  );
  const path = {
    ...found,
    controls: concatenate([found.controls.at([0, 1]), found.controls]),
    durations: tensor([problem.time]),
    times: concatenate([tensor([0]), ilqr.timesFrom(tensor(problem.time / intervals))]),
  };
  const { cost, status, message, violated, gradient } = found;
  const defects = violated[0]?.amount ?? 0;
  return finish(problem, [arcs], path, { cost, defects, status, message, violated, gradient });
}

/** What each control does in each arc. */
function arcsOf(
  { controls, bounds }: FullProblem,
  arcs: readonly (Held | readonly Held[])[],
): readonly (readonly Held[])[] {
  return arcs.map((arc) => {
    const each: readonly Held[] = typeof arc === 'string' ? Array(controls).fill(arc) : arc;
    if (each.length !== controls) {
      throw new RangeError(
        `optimalControl: an arc is for ${each.length} controls; there are ${controls}.`,
      );
    }
    each.forEach((held, c) => {
      if (held !== 'free' && !Number.isFinite(bounds.controls[held][c])) {
        throw new RangeError(
          `optimalControl: an arc is '${held}', and bounds.controls.${held} is not given.`,
        );
      }
    });
    return each;
  });
}

/** The guess that was given, or a plain one. */
function courseOf(problem: FullProblem, guess: Guess | undefined, phases: number): Course {
  const { initial, terminal, controls, bounds, time } = problem;
  const plain = [initial, initial.map((from, c) => terminal[c] ?? from)];
  const states = guess?.states ?? plain;
  const held = guess?.controls ?? [
    Array.from({ length: controls }, (_, c) => middle(bounds.controls, c)),
  ];
  checkRows('states', states, initial.length);
  checkRows('controls', held, controls);
  const count = Math.max(states.length, held.length);
  const spread = (rows: readonly (readonly number[])[]): number[][] =>
    evenly(count).map((t) => rowAt(evenly(rows.length), rows, t));
  return {
    times: evenly(count),
    states: spread(states),
    controls: spread(held),
    durations: Array(phases).fill(time / phases),
  };
}

function checkRows(name: string, rows: readonly (readonly number[])[], width: number): void {
  rows.forEach((row, i) => {
    if (row.length !== width || !row.every(Number.isFinite)) {
      throw new RangeError(
        `optimalControl: guess.${name}[${i}] is [${row.join(', ')}]; it needs ${width} finite numbers.`,
      );
    }
  });
  if (rows.length === 0) throw new RangeError(`optimalControl: guess.${name} has no rows.`);
}

type Path = Pick<ControlSolution, 'times' | 'states' | 'controls' | 'costates'> & {
  readonly durations: Tensor;
};
type End = Pick<Found, 'cost' | 'defects' | 'status' | 'message' | 'violated' | 'gradient'>;

function finish(
  problem: FullProblem,
  arcs: Mesh['arcs'],
  { times, states, controls, costates, durations }: Path,
  end: End,
): Found {
  const full = pontryagin(problem);
  const H = (x: Tensor, p: Tensor, u: Tensor, t: Tensor): Tensor => full(x, p, u, t, problem.theta);
  return {
    times,
    states,
    controls,
    costates,
    hamiltonian: vmap(H)(states, costates, controls, times),
    switching: vmap(grad(H, { argnums: 2 }))(states, costates, controls, times),
    arcs,
    switches: numbers(cumsum(durations)),
    ...end,
  };
}
