import { optimalControl } from '@grad/control';
import { stack, type Tensor, tensor } from '@grad/core';

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

/** The oscillator of CasADi's examples of direct methods. */
export const vanDerPol = {
  dynamics: (x: Tensor, u: Tensor) => {
    const [x1, x2] = [x.at(0), x.at(1)];
    return stack([tensor(1).sub(x2.square()).mul(x1).sub(x2).add(u.at(0)), x1]);
  },
  cost: (x: Tensor, u: Tensor) => x.square().sum().add(u.square().sum()),
  initial: [0, 1],
  horizon: 10,
};

/** The same within bounds. */
export const boundedVanDerPol = {
  ...vanDerPol,
  bounds: { controls: { lower: [-1], upper: [1] }, states: { lower: [-0.25, -Infinity] } },
};

/** A linear system in discrete time with a quadratic cost. */
export const regulated = {
  time: 'discrete',
  dynamics: (x: Tensor, u: Tensor) => {
    const [position, speed, force] = [x.at(0), x.at(1), u.at(0)];
    return stack([position.add(speed.mul(0.1)).add(force.mul(0.005)), speed.add(force.mul(0.1))]);
  },
  cost: (x: Tensor, u: Tensor) => x.square().sum().add(u.square().sum()),
  terminalCost: (x: Tensor) => x.square().sum().mul(10),
  initial: [1, 0],
  horizon: 50,
} as const;
