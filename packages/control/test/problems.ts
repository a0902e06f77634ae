import { optimalControl } from '@grad/control';
import { stack, type Tensor } from '@grad/core';

/** Height, speed and mass under a thrust that spends mass. */
export const moonProblem = (initial: readonly number[]) => ({
  dynamics: (x: Tensor, u: Tensor) => {
    const thrust = u.at(0);
    return stack([x.at(1), thrust.div(x.at(2)).sub(1), thrust.div(-2.349)]);
  },
  terminalCost: (x: Tensor) => x.at(2).neg(),
  initial,
  terminal: [0, 0, null],
  bounds: {
    controls: { lower: [0], upper: [1.227] },
    states: { lower: [0, -Infinity, 0.05] },
  },
  freeFinalTime: 1.5,
});

/** A landing on the Moon. */
export const moon = (initial: readonly number[]) => optimalControl(moonProblem(initial));

/** A cart from -1 to 0, at rest at both ends. */
export const cart = {
  dynamics: (x: Tensor, u: Tensor) => stack([x.at(1), u.at(0)]),
  cost: (_x: Tensor, u: Tensor) => u.at(0).square().mul(0.5),
  initial: [-1, 0],
  terminal: [0, 0],
  horizon: 1,
};
