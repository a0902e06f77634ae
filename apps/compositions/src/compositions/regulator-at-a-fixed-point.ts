import { lqr } from '@grad/control';
import { eye, jacfwd, matmul, type Tensor, tanh, tensor } from '@grad/core';
import { root } from '@grad/solve';
import type { Composition } from '../composition.ts';

/** Two units that excite and inhibit each other; the first can be driven. */
const dynamics = (y: Tensor, weights: Tensor): Tensor =>
  tanh(matmul(weights, y))
    .add(tensor([0.3, -0.1]))
    .sub(y);

/** The cost of holding a network at its equilibrium: the root, the linearization there, and the regulator of it. */
export const regulatorAtAFixedPoint: Composition = {
  name: 'regulator-at-a-fixed-point',
  title: "A linear regulator at a network's equilibrium",
  packages: ['control', 'solve'],
  variable: 'weights of the network',
  f: (weights) => {
    const rest = root((y: Tensor, w: Tensor) => dynamics(y, w), tensor([0, 0]), weights, {
      tol: 1e-14,
    }).value;
    const A = jacfwd((y: Tensor) => dynamics(y, weights))(rest);
    const { P } = lqr({ A, B: [[1], [0]], Q: eye(2), R: [[0.5]] }, { time: 'continuous' });
    return P.at(0, 0).add(P.at(1, 1));
  },
  x: tensor([
    [0.8, -0.6],
    [0.7, 0.2],
  ]),
};
