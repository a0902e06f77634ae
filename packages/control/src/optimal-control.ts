import {
  concatenate,
  cumsum,
  MatrixError,
  type Tensor,
  type Traced,
  tensor,
  tree,
} from '@grad/core';
import { type Compiled, compiledOf } from './compiled.ts';
import { type Course, controlsAt } from './course.ts';
import { descend } from './descend.ts';
import { collocate, collocateByArcs, isExtremal, type Mesh, pathOf } from './find-arcs.ts';
import { courseOf } from './guess.ts';
import { type NonlinearEnd, numbers } from './nonlinear.ts';
import {
  type ControlProblem,
  type FullProblem,
  fullProblem,
  type Inputs,
  inputsOf,
} from './problem.ts';
import type { ControlOptions, ControlSolution, FollowOptions, Held } from './solution.ts';
import { equalShares } from './timing.ts';

/**
 * A problem of optimal control, to be solved by direct collocation, or by indirect shooting on the equations of
 * Pontryagin's principle, which are derived from the problem. Functions must be pure: they are recorded once for each method
 * and division of time, and kept, so that another `solve` of that kind, from another state and with other parameters, only computes.
 * A solution that is not found is a status, not an exception.
 *
 * @throws TypeError or RangeError when the problem or an option makes no sense.
 * @see J. Betts, Practical methods for optimal control (2010), chapter 4; A. Bryson and Y. Ho, Applied optimal
 * control (1975), chapters 2 and 3.
 */
export function optimalControl<const P = null>(
  given: ControlProblem<P>,
): {
  /**
   * Solves it; how it ended is said by `status` and `message`.
   *
   * @throws RangeError, TypeError or ShapeError when an option makes no sense, or does not fit the problem.
   */
  solve(options?: ControlOptions<P>): Promise<ControlSolution<P>>;
} {
  const problem = fullProblem(given);
  const own = given.parameters ?? null;
  const [, unravel] = tree.ravel<P | null>(own);
  let compiled: Compiled | undefined;
  return {
    async solve({ initial, parameters: others, ...options } = {}) {
      const inputs = inputsOf('optimalControl', problem, own, { initial, parameters: others });
      compiled ??= compiledOf(problem);
      const { gradient, ...found } = await solve(compiled, inputs, options);
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

async function solve(compiled: Compiled, inputs: Inputs, options: ControlOptions): Promise<Found> {
  const { problem } = compiled;
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
  const course = courseOf(problem, inputs, options.guess, arcs.length);
  if (method === 'ilqr') return byIlqr(compiled, inputs, options, intervals, course, follow);
  if (isShooting) {
    const isMultiple = method === 'multipleShooting';
    const { steps = 4, hold = 'constant' } = options;
    const shooting = compiled.shooting({
      arcs,
      intervals,
      integration: { steps, hold },
      isMultiple,
    });
    return direct(compiled, inputs, arcs, await shooting(inputs, course, follow));
  }
  const mesh: Mesh = { arcs, shares: equalShares(intervals), scheme };
  if (options.arcs !== undefined || options.phases !== undefined) {
    const named = direct(
      compiled,
      inputs,
      arcs,
      await collocate(compiled, inputs, mesh, course, follow),
    );
    const isEnough = method === 'collocation' || named.status !== 'converged';
    return isEnough ? named : indirect(compiled, inputs, named, intervals, follow);
  }
  const { structure, direct: found } = await collocateByArcs(
    compiled,
    inputs,
    mesh,
    course,
    follow,
  );
  let end = 0;
  const switches = structure.durations.map((duration) => {
    end += duration;
    return end;
  });
  const coarse: Found = {
    ...direct(compiled, inputs, arcs, found),
    arcs: structure.arcs,
    switches,
  };
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
  const exact = await indirect(compiled, inputs, coarse, intervals, follow);
  if (exact.status === 'aborted') return exact;
  const isFound = exact.status === 'converged' && isExtremal(compiled, inputs, exact.arcs, exact);
  return isFound
    ? exact
    : stay(`The equations of shooting have no solution near. ${exact.message}`);
}

/** The end of a method that is one minimization. */
function direct(
  compiled: Compiled,
  inputs: Inputs,
  arcs: Mesh['arcs'],
  path: Path & { readonly found: NonlinearEnd },
): Found {
  const { cost, status, message, violated, gradient } = path.found;
  const defects = violated[0]?.amount ?? 0;
  return finish(compiled, inputs, arcs, path, {
    cost,
    defects,
    status,
    message,
    violated,
    gradient,
  });
}

/** Shooting from a collocation. */
async function indirect(
  compiled: Compiled,
  inputs: Inputs,
  coarse: Found,
  intervals: number,
  { maxIterations, signal }: FollowOptions,
): Promise<Found> {
  const { arcs } = coarse;
  const durations = coarse.switches.map((end, i) => end - (coarse.switches[i - 1] ?? 0));
  const start = { costate: coarse.costates.at(0), durations: tensor(durations) };
  try {
    const shoot = compiled.indirect({ arcs, intervals, maxIterations });
    const exact = await shoot(start, inputs, signal);
    const { residual: defects, iterations, status: end } = exact;
    return finish(compiled, inputs, arcs, exact, {
      cost: exact.cost.item(),
      defects,
      status: end,
      message: `Shooting ended after ${iterations} iterations with a residual of ${defects}.`,
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
  compiled: Compiled,
  { initial, theta }: Inputs,
  { hold = 'constant', steps = 4, arcs: given, phases }: ControlOptions,
  intervals: number,
  course: Course,
  follow: FollowOptions,
): Promise<Found> {
  const { problem } = compiled;
  if (problem.isFree || hold !== 'constant' || given || phases) {
    throw new RangeError(
      'optimalControl: ilqr is for a given horizon and constant controls in intervals, without arcs and phases.',
    );
  }
  const arcs = Array<Held>(problem.controls).fill('free');
  const start = Array.from({ length: intervals }, (_, i) =>
    controlsAt(course, (i + 0.5) / intervals),
  );
  const ilqr = compiled.ilqr({ intervals, steps });
  const found = await descend(
    ilqr,
    { x: initial, t: tensor(0), theta },
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
  return finish(compiled, { initial, theta }, [arcs], path, {
    cost,
    defects,
    status,
    message,
    violated,
    gradient,
  });
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

type Path = Pick<ControlSolution, 'times' | 'states' | 'controls' | 'costates'> & {
  readonly durations: Tensor;
};
type End = Pick<Found, 'cost' | 'defects' | 'status' | 'message' | 'violated' | 'gradient'>;

function finish(
  { hamiltonian }: Pick<Compiled, 'hamiltonian'>,
  { theta }: Inputs,
  arcs: Mesh['arcs'],
  path: Path,
  end: End,
): Found {
  return {
    ...pathOf(path),
    ...hamiltonian(pathOf(path), theta),
    arcs,
    switches: numbers(cumsum(path.durations)),
    ...end,
  };
}
