import { roll, type Tensor, tensor } from '@grad/core';

/**
 * One step of Lorenz's model of 40 variables on a circle, by the classical Runge-Kutta method.
 *
 * @see Lorenz, Predictability: a problem partly solved (ECMWF, 1996).
 */
export function lorenz96Step(x: Tensor, dt: number): Tensor {
  const k1 = tendency(x);
  const k2 = tendency(x.add(k1.mul(dt / 2)));
  const k3 = tendency(x.add(k2.mul(dt / 2)));
  const k4 = tendency(x.add(k3.mul(dt)));
  return x.add(
    k1
      .add(k2.mul(2))
      .add(k3.mul(2))
      .add(k4)
      .mul(dt / 6),
  );
}

function tendency(x: Tensor): Tensor {
  return roll(x, -1).sub(roll(x, 2)).mul(roll(x, 1)).sub(x).add(8);
}

/** The state of rest, with one variable a little off. */
export const lorenz96Start: Tensor = tensor(
  Array.from({ length: 40 }, (_, i) => (i === 19 ? 8.01 : 8)),
);
