import { stack, type Tensor } from '@grad/core';
import { type Model, rk4 } from '../rk4.ts';

/** Parameters of `lorenz63`. */
export interface Lorenz63Options {
  /** Prandtl number; 10 when left out. */
  readonly sigma?: number;
  /** Rayleigh number over its critical value; 28 when left out. */
  readonly rho?: number;
  /** Aspect of the rolls; 8/3 when left out. */
  readonly beta?: number;
  /** Time step, without a unit; 0.01 when left out. */
  readonly dt?: number;
}

/**
 * Steps of Lorenz's three equations of convection, which are chaotic for the default parameters:
 * x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z. The state is [x, y, z].
 *
 * @see E. N. Lorenz, "Deterministic nonperiodic flow", J. Atmos. Sci. 20 (1963) 130.
 */
export function lorenz63({
  sigma = 10,
  rho = 28,
  beta = 8 / 3,
  dt = 0.01,
}: Lorenz63Options = {}): Model {
  const tendency = (state: Tensor): Tensor => {
    const [x, y, z] = [state.at(0), state.at(1), state.at(2)];
    return stack([y.sub(x).mul(sigma), x.mul(z.sub(rho).neg()).sub(y), x.mul(y).sub(z.mul(beta))]);
  };
  return rk4(tendency, dt);
}
