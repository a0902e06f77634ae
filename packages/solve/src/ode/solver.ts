import { type LoopCheckpoint, type Tensor, tensor } from '@grad/core';
import { type AdaptiveProblem, adaptiveSolve, type SolvedVector } from './adaptive-solve.ts';
import { augmentedTolerance } from './adjoints/continuous.ts';
import { continuousSolver, forwardSolver, interpolatingSolver } from './adjoints/solvers.ts';
import type { EventFunctions } from './events.ts';
import { explicitMethod } from './explicit-method.ts';
import { euler, type FixedMethod, rk4 } from './fixed-method.ts';
import { fixedSolve } from './fixed-solve.ts';
import type { AdaptiveMethod, Slope } from './method.ts';
import type { OdeAdjoint, OdeMethod } from './options.ts';
import { rosenbrockMethod } from './rosenbrock-method.ts';
import type { StepController } from './step-size.ts';
import { dopri5 } from './tableaus/dopri5.ts';
import { dopri8 } from './tableaus/dopri8.ts';
import { rodas5p } from './tableaus/rodas5p.ts';
import { tsit5 } from './tableaus/tsit5.ts';

const adaptive = {
  tsit5: explicitMethod('tsit5', tsit5),
  dopri5: explicitMethod('dopri5', dopri5),
  dopri8: explicitMethod('dopri8', dopri8),
  rodas5p: rosenbrockMethod('rodas5p', rodas5p),
} satisfies Partial<Record<OdeMethod, AdaptiveMethod>>;

const fixed = { rk4, euler } satisfies Partial<Record<OdeMethod, FixedMethod>>;

/** Whether a method has equal steps. */
export function isFixed(method: OdeMethod): method is keyof typeof fixed {
  return method === 'rk4' || method === 'euler';
}

/** Options of a solve of a vector equation. */
export interface SolveOptions {
  readonly rtol?: number;
  readonly atol: Tensor;
  readonly maxSteps: number;
  readonly firstStep?: number;
  readonly stepSize?: number;
  readonly controller?: Partial<StepController>;
  readonly adjoint?: OdeAdjoint;
  readonly events: EventFunctions;
  /** Lengths of parts of the state whose errors are measured apart; one part when left out. */
  readonly parts?: readonly number[];
}

/** Solves an equation for a vector. */
export type VectorSolver = (f: Slope, y0: Tensor, ts: Tensor) => SolvedVector;

/** The solver for a method, with the derivatives that are asked for. */
export function solverOf(method: OdeMethod, options: SolveOptions): VectorSolver {
  const { adjoint = 'discrete' } = options;
  switch (adjoint) {
    case 'discrete':
      return stepsOf(method, options, 'store');
    case 'checkpointed':
      return stepsOf(method, options, 'online');
    case 'forward':
      return forwardSolver(stepsOf(method, options, 'store'));
    case 'backsolve':
      return continuousSolver(stepsOf(method, options, 'store'), augmentedSolver(method, options));
    case 'interpolating':
      return interpolatingSolver(
        (f, y0, ts) => problemOf(asAdaptive(method), options, { f, y0, ts }),
        augmentedSolver(method, options),
      );
  }
}

/** Solvers of augmented equations, whose parts are measured apart. */
function augmentedSolver(
  method: OdeMethod,
  options: SolveOptions,
): (parts: readonly number[]) => VectorSolver {
  return (parts) =>
    stepsOf(
      method,
      {
        ...options,
        parts: parts.filter((size) => size > 0),
        atol: augmentedTolerance(options, parts),
      },
      'store',
    );
}

/** The solver for a method, with derivatives of the steps that it takes. */
function stepsOf(
  method: OdeMethod,
  options: SolveOptions,
  checkpoint: LoopCheckpoint,
): VectorSolver {
  const { maxSteps, stepSize } = options;
  if (isFixed(method)) {
    return (f, y0, ts) =>
      fixedSolve({ f, y0, ts, method: fixed[method], stepSize, maxSteps, checkpoint });
  }
  const chosen = adaptive[method];
  return (f, y0, ts) => adaptiveSolve({ ...problemOf(chosen, options, { f, y0, ts }), checkpoint });
}

function asAdaptive(method: OdeMethod): AdaptiveMethod {
  if (!isFixed(method)) return adaptive[method];
  throw new TypeError(
    `odeint: the adjoint 'interpolating' needs an interpolant; '${method}' has none.`,
  );
}

/** A solve with all that is left out. */
function problemOf(
  method: AdaptiveMethod,
  { rtol, atol, parts = [], maxSteps, firstStep, events, controller }: SolveOptions,
  { f, y0, ts }: Pick<AdaptiveProblem, 'f' | 'y0' | 'ts'>,
): AdaptiveProblem {
  const usual = y0.dtype === 'float32' ? 1e-4 : 1e-6;
  return {
    f,
    y0,
    ts,
    method,
    tolerances: { rtol: rtol ?? usual, atol, parts },
    controller: {
      safety: 0.9,
      minFactor: 0.2,
      maxFactor: 10,
      ...method.controller,
      ...controller,
    },
    maxSteps,
    firstStep: firstStep === undefined ? undefined : tensor(firstStep, { dtype: y0.dtype }),
    events,
    checkpoint: 'store',
  };
}
