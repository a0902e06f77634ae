import {
  concatenate,
  customJvp,
  customVjp,
  jacfwd,
  matmul,
  stopGradient,
  type Tensor,
} from '@grad/core';
import type { AdaptiveProblem, SolvedVector } from '../adaptive-solve.ts';
import type { Slope } from '../method.ts';
import type { VectorSolver } from '../solver.ts';
import { backwards, type Trajectory } from './continuous.ts';
import { denseAt, recordedSolve } from './dense-solution.ts';
import { openSlope, ravelLike } from './parameters.ts';

type AugmentedSolver = (parts: readonly number[]) => VectorSolver;

/** What is differentiated of a solution. */
type Inputs = readonly [y0: Tensor, ts: Tensor, parameters: readonly Tensor[]];

/** A solver whose derivative solves the adjoint equation together with the equation, backwards. */
export function continuousSolver(solve: VectorSolver, augmented: AugmentedSolver): VectorSolver {
  return (f, y0, ts) => {
    const open = openSlope(f, ts.at(0), y0);
    const run = (...[start, times, parameters]: Inputs): SolvedVector =>
      solve(open.with(parameters), start, times);
    const solved = customVjp(run, {
      fwd: (start, times, parameters) => {
        const found = run(start, times, parameters);
        return [found, { ts: times, ys: found.ys, parameters }];
      },
      bwd: (kept, cotangent) => {
        const back = backwards(open, { ...kept, at: undefined }, cotangent.ys, augmented);
        return [back.y0, back.ts, back.parameters];
      },
    });
    return endStopped(solved(y0, ts, open.parameters));
  };
}

/** A solver whose derivative solves the adjoint equation along the interpolants of all steps. */
export function interpolatingSolver(
  problemOf: (f: Slope, y0: Tensor, ts: Tensor) => AdaptiveProblem,
  augmented: AugmentedSolver,
): VectorSolver {
  return (f, y0, ts) => {
    const open = openSlope(f, ts.at(0), y0);
    const record = (...[start, times, parameters]: Inputs) =>
      recordedSolve(problemOf(open.with(parameters), start, times));
    const solved = customVjp((...inputs: Inputs) => record(...inputs)[0], {
      fwd: (start, times, parameters) => {
        const [found, dense] = record(start, times, parameters);
        return [found, { ts: times, ys: found.ys, parameters, dense }];
      },
      bwd: ({ dense, ...kept }, cotangent) => {
        const at = (t: Tensor): Tensor => denseAt(dense, t);
        const back = backwards(open, { ...kept, at } satisfies Trajectory, cotangent.ys, augmented);
        return [back.y0, back.ts, back.parameters];
      },
    });
    return endStopped(solved(y0, ts, open.parameters));
  };
}

/** The last state follows from all states; the end of a solve has no derivative of its own. */
function endStopped(solved: SolvedVector): SolvedVector {
  return { ...solved, t: stopGradient(solved.t), y: stopGradient(solved.y) };
}

/** A solver that carries the derivatives in everything along, forwards. */
export function forwardSolver(solve: VectorSolver): VectorSolver {
  return (f, y0, ts) => {
    const open = openSlope(f, ts.at(0), y0);
    const [flat, unravel] = ravelLike(open.parameters, y0);
    const n = y0.size;
    const states = (inputs: Tensor): Tensor =>
      solve(
        open.with(unravel(inputs.at([n + ts.size, null]))),
        inputs.at([0, n]),
        inputs.at([n, n + ts.size]),
      ).ys;
    const differentiated = customJvp(states, ([inputs], [tangents]) => {
      const jacobian = jacfwd(states)(inputs);
      return [states(inputs), matmul(jacobian, tangents)];
    });
    const ys = differentiated(concatenate([y0, ts, flat]));
    const work = solve(
      open.with(open.parameters.map(stopGradient)),
      stopGradient(y0),
      stopGradient(ts),
    );
    return endStopped({ ...work, ys });
  };
}
