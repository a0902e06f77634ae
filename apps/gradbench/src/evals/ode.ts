import { concatenate, grad, jit, ones, scan, type Tensor, zeros } from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation } from '../task.ts';

/** y' of the chain y_0' = x_0, y_i' = x_i y_(i-1). */
function rate(x: Tensor, y: Tensor): Tensor {
  return x.mul(concatenate([ones([1]), y.at([0, -1])]));
}

/** y(2) from y(0) = 0 by the classical Runge-Kutta method in equal steps. */
function solve(x: Tensor, steps: number): Tensor {
  const h = 2 / steps;
  const step = (y: Tensor) => {
    const k1 = rate(x, y);
    const k2 = rate(x, y.add(k1.mul(h / 2)));
    const k3 = rate(x, y.add(k2.mul(h / 2)));
    const k4 = rate(x, y.add(k3.mul(h)));
    const sum = k1.add(k2.mul(2)).add(k3.mul(2)).add(k4);
    return [y.add(sum.mul(h / 6)), null] as const;
  };
  const [y] = scan(step, zeros(x.shape), null, { length: steps });
  return y;
}

/** The derivative of the last component in x. */
function derivative(x: Tensor, steps: number): Tensor {
  return grad((at: Tensor) => solve(at, steps).at(-1))(x);
}

const read = (input: Input): [x: Tensor, steps: number] => [
  input.at('x').tensor([null]),
  input.at('s').count(1),
];

/** A chain of linear differential equations; the gradient is that of the last one's solution. */
export const ode: Eval = {
  primal: evaluation(read, jit(solve, { staticArgs: [1] }), array),
  gradient: evaluation(read, jit(derivative, { staticArgs: [1] }), array),
};
