import type { Tensor, TensorLike, Traced } from '@grad/core';
import type { EventDirection } from './events.ts';
import type { StepController } from './step-size.ts';

/**
 * Methods of `odeint`:
 * - `tsit5` and `dopri5`, of order 5, for everyday problems;
 * - `dopri8`, of order 8, for high accuracy;
 * - `rodas5p`, of order 5, for stiff problems;
 * - `rk4` and `euler`, of orders 4 and 1, with equal steps.
 */
export type OdeMethod = 'tsit5' | 'dopri5' | 'dopri8' | 'rodas5p' | 'rk4' | 'euler';

/** How derivatives of a solution are computed. */
export type OdeAdjoint = 'discrete' | 'checkpointed' | 'backsolve' | 'interpolating' | 'forward';

/** A function of the state that ends a solve where it passes through 0. */
export interface OdeEvent<Y, A> {
  /** A scalar, smooth in y and t. */
  readonly condition: (y: NoInfer<Traced<Y>>, t: Tensor, args: NoInfer<Traced<A>>) => Tensor;
  /** From below (`rising`), from above (`falling`) or both (`any`, when left out). */
  readonly direction?: EventDirection;
}

/** Options of `odeint`. */
export interface OdeOptions<Y, A> {
  /** `tsit5` when left out. */
  readonly method?: OdeMethod;
  /** What f gets as its third argument: a tree. */
  readonly args?: A;
  /** Relative tolerance; 1e-6 when left out, 1e-4 for float32. */
  readonly rtol?: number;
  /** Absolute tolerance, one number or a tree like y0; 1e-9 when left out, 1e-6 for float32. */
  readonly atol?: number | TensorLike | object;
  /**
   * How derivatives are computed; see the page on differential equations. `discrete` when left out:
   * those of the steps that were taken, in every mode and order.
   */
  readonly adjoint?: OdeAdjoint;
  /** Steps, refused ones included, at which the solve ends; 100,000 when left out, 4096 for `interpolating`, which keeps room for all of them. */
  readonly maxSteps?: number;
  /** Functions that end the solve where one of them passes through 0. */
  readonly events?: readonly OdeEvent<Y, A>[];
  /** Size of the first step; by Hairer's rule when left out. */
  readonly firstStep?: number;
  /** Longest step of `rk4` and `euler`; one step from each time to the next when left out. */
  readonly stepSize?: number;
  /** How step sizes follow from errors. */
  readonly controller?: Partial<StepController>;
}
