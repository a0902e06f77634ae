import { roll, type Tensor } from '@grad/core';
import { type Model, rk4 } from '../rk4.ts';

/** Parameters of `lorenz96`. */
export interface Lorenz96Options {
  /** 8 when left out, which is chaotic for 40 variables. */
  readonly forcing?: number;
  /** Time step, 5 days being 1; 0.05 when left out. */
  readonly dt?: number;
}

/**
 * Steps of Lorenz's model of a quantity around a circle of latitude:
 * x_i' = (x_{i+1} - x_{i-2}) x_{i-1} - x_i + forcing, for any number of variables from 4 on.
 *
 * @see E. N. Lorenz, "Predictability: a problem partly solved", ECMWF seminar (1996).
 */
export function lorenz96({ forcing = 8, dt = 0.05 }: Lorenz96Options = {}): Model {
  const tendency = (x: Tensor): Tensor =>
    roll(x, -1).sub(roll(x, 2)).mul(roll(x, 1)).sub(x).add(forcing);
  return rk4(tendency, dt);
}
