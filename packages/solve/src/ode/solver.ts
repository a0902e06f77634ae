import { type Tensor, tensor } from '@grad/core';
import { adaptiveSolve, type SolvedVector } from './adaptive-solve.ts';
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

/** The solver for a method, with derivatives of the steps that it takes. */
export function solverOf(method: OdeMethod, options: SolveOptions): VectorSolver {
  const { adjoint = 'discrete', maxSteps, firstStep, stepSize, parts = [] } = options;
  const checkpoint = adjoint === 'checkpointed' ? 'online' : 'store';
  if (isFixed(method)) {
    return (f, y0, ts) =>
      fixedSolve({ f, y0, ts, method: fixed[method], stepSize, maxSteps, checkpoint });
  }
  const chosen = adaptive[method];
  return (f, y0, ts) => {
    const { rtol = y0.dtype === 'float32' ? 1e-4 : 1e-6 } = options;
    return adaptiveSolve({
      f,
      y0,
      ts,
      method: chosen,
      tolerances: { rtol, atol: options.atol, parts },
      controller: {
        safety: 0.9,
        minFactor: 0.2,
        maxFactor: 10,
        ...chosen.controller,
        ...options.controller,
      },
      maxSteps,
      firstStep: firstStep === undefined ? undefined : tensor(firstStep, { dtype: y0.dtype }),
      events: options.events,
      checkpoint,
    });
  };
}
