import { roll, type Tensor } from '@grad/core';
import { type Model, rk4 } from '../rk4.ts';

/** Parameters of `burgers`. */
export interface BurgersOptions {
  /** Time step. */
  readonly dt: number;
  /** Distance of grid points; for n of them the circle has length n dx. */
  readonly dx: number;
  /** The nu of u_t + u u_x = nu u_xx, 0 or more. */
  readonly viscosity: number;
}

/**
 * Steps of Burgers' equation u_t + u u_x = nu u_xx on a circle of any number of points from 3 on, the
 * simplest flow that steepens into fronts. Differences are central and of second order; the flux
 * (a² + a b + b²) / 6 between neighbours a and b keeps the sum of u, and without viscosity that of u², up to
 * the errors of time steps.
 *
 * Steps are explicit: they need dt |u| / dx below 2 and dt nu / dx² below 0.69.
 *
 * @throws RangeError when dt or dx is not above 0, or the viscosity is negative.
 * @see E. Tadmor, "The numerical viscosity of entropy stable schemes for systems of conservation laws",
 * Math. Comp. 49 (1987) 91, for the flux.
 */
export function burgers({ dt, dx, viscosity }: BurgersOptions): Model {
  if (!(dx > 0 && Number.isFinite(dx))) {
    throw new RangeError(`burgers: the distance dx is ${dx}; give a finite number above 0.`);
  }
  if (!(viscosity >= 0 && Number.isFinite(viscosity))) {
    throw new RangeError(
      `burgers: the viscosity is ${viscosity}; give a finite number, 0 or more.`,
    );
  }
  const tendency = (u: Tensor): Tensor => {
    const right = roll(u, -1);
    const advection = u
      .square()
      .add(u.mul(right))
      .add(right.square())
      .div(6 * dx);
    const flux = advection.sub(right.sub(u).mul(viscosity / dx ** 2));
    return roll(flux, 1).sub(flux);
  };
  return rk4(tendency, dt);
}
