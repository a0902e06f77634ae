import type { Tensor } from '@grad/core';

/** One time step of a model: the state after it. The state is a vector and keeps its shape. */
export type Model = (state: Tensor) => Tensor;

/**
 * A model that takes steps of the classical Runge-Kutta method of order 4 (W. Kutta, 1901).
 *
 * @param tendency time derivative of the state
 * @param dt length of a step, in the unit of time of the tendency
 * @throws RangeError when dt is 0 or not finite.
 */
export function rk4(tendency: (state: Tensor) => Tensor, dt: number): Model {
  if (dt === 0 || !Number.isFinite(dt)) {
    throw new RangeError(`rk4: the time step dt is ${dt}; give a finite number that is not 0.`);
  }
  return (state) => {
    const k1 = tendency(state);
    const k2 = tendency(state.add(k1.mul(dt / 2)));
    const k3 = tendency(state.add(k2.mul(dt / 2)));
    const k4 = tendency(state.add(k3.mul(dt)));
    return state.add(
      k1
        .add(k2.mul(2))
        .add(k3.mul(2))
        .add(k4)
        .mul(dt / 6),
    );
  };
}
