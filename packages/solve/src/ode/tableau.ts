/** Coefficients of an explicit Runge-Kutta pair whose last stage is the first of the next step. */
export interface Tableau {
  readonly order: number;
  /** 1 more than the order of the error estimate, by whose root step sizes change. */
  readonly errorOrder: number;
  /** Where each stage stands in the step, as a share of it. */
  readonly c: readonly number[];
  /** Rows of the second and the later stages. */
  readonly a: readonly (readonly number[])[];
  readonly b: readonly number[];
  /** Weights of error estimates over all stages and the slope at the end: one, or those of orders 5 and 3. */
  readonly errors: readonly (readonly number[])[];
  /** For each stage, the slope at the end and each further stage: coefficients of theta, theta^2, ... in the interpolant. */
  readonly dense: readonly (readonly number[])[];
  /** Stages that only the interpolant needs. */
  readonly denseC?: readonly number[];
  readonly denseA?: readonly (readonly number[])[];
  /** The method is stable for h lambda in [-realStability, 0]. */
  readonly realStability: number;
  readonly controller: ControllerGains;
}

/** Exponents of the step size controller, as multiples of 1 / errorOrder. */
export interface ControllerGains {
  readonly integral: number;
  readonly proportional: number;
}
