import { type Tensor, zeros } from '@grad/core';
import { type LbfgsIteration, type LbfgsOptions, lbfgs, type MinimumStatus } from '@grad/optim';
import type { Model } from './rk4.ts';
import { compiledTrajectory } from './trajectory.ts';

/** Where a minimization stands after an iteration; iteration 0 is the background. */
export interface AnalysisIteration {
  readonly iteration: number;
  readonly cost: number;
  /** Euclidean norm of the gradient in the control variable. */
  readonly gradientNorm: number;
  /** Evaluations of cost and gradient so far. */
  readonly evaluations: number;
  /** The initial state, made when it is asked for. */
  readonly state: Tensor;
}

/** How a cost is minimized. */
export interface MinimizeOptions extends Omit<LbfgsOptions<Tensor>, 'onIteration'> {
  /** L-BFGS is the only method yet. */
  readonly method?: 'lbfgs';
  /**
   * The control variable: `cvt`, the default, is v in x = xb + S v with B = S S', which makes the
   * background term v'v / 2 and the problem well scaled; `none` is the state itself.
   */
  readonly transform?: 'none' | 'cvt';
  /** Called at the background and after each iteration. */
  readonly onIteration?: ((iteration: AnalysisIteration) => void) | undefined;
}

/** The end of a minimization. */
export interface Analysis {
  /** The initial state of least cost. */
  readonly analysis: Tensor;
  /** Its cost. */
  readonly cost: number;
  /** The cost of the background. */
  readonly backgroundCost: number;
  /** Euclidean norm of the gradient in the control variable at the analysis. */
  readonly gradientNorm: number;
  readonly iterations: number;
  /** Evaluations of cost and gradient. */
  readonly evaluations: number;
  /** Why the minimization stopped; see `lbfgs` of @grad/optim. */
  readonly status: MinimumStatus;
  /** The status in words. */
  readonly message: string;
  /** States from the analysis to the last observation: shape [steps + 1, n]. */
  readonly trajectory: Tensor;
}

/** A cost as a function of the state and of the control variable v. */
export interface CostFunctions {
  readonly model: Model;
  readonly background: Tensor;
  readonly steps: number;
  readonly cost: (state: Tensor) => Tensor;
  readonly costOfControl: (v: Tensor) => Tensor;
  readonly toState: (v: Tensor) => Tensor;
}

/** Minimizes a cost from the background. */
export async function minimizeCost(
  { model, background, steps, cost, costOfControl, toState }: CostFunctions,
  { method = 'lbfgs', transform = 'cvt', onIteration, ...options }: MinimizeOptions,
): Promise<Analysis> {
  oneOf('method', method, ['lbfgs']);
  oneOf('transform', transform, ['none', 'cvt']);
  let backgroundCost = Number.NaN;
  const follow =
    (stateOf: (x: Tensor) => Tensor) =>
    (at: LbfgsIteration<Tensor>): void => {
      if (at.iteration === 0) backgroundCost = at.value;
      onIteration?.({
        iteration: at.iteration,
        cost: at.value,
        gradientNorm: at.gradientNorm,
        evaluations: at.evaluations,
        get state() {
          return stateOf(at.x);
        },
      });
    };
  const stateOf = transform === 'none' ? (x: Tensor): Tensor => x : toState;
  const { x, value, ...end } = await lbfgs<Tensor>(
    transform === 'none' ? cost : costOfControl,
    transform === 'none' ? background : zeros(background.shape),
    { ...options, onIteration: follow(stateOf) },
  );
  const analysis = stateOf(x);
  return {
    analysis,
    cost: value,
    backgroundCost,
    ...end,
    trajectory: await compiledTrajectory(model, steps).async([analysis]),
  };
}

function oneOf(name: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  throw new RangeError(`fourDVar: ${name} is '${given}'; it can be ${known.join(' or ')}.`);
}
