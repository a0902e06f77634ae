import { jit, stack, type Tensor, tensor, whileLoop } from '@grad/core';
import type { Input } from '../input.ts';
import { type Eval, evaluation, item, type Prepare } from '../task.ts';
import { type Differentiate, forward, minimizer, reverse } from './gradient-descent.ts';

const timeStep = 0.1;

/**
 * Squared distance from the origin at which a particle crosses the x axis, on its way between two
 * charges of which w moves one; by Euler's method until the next step would be below the axis.
 */
function miss(w: Tensor, differentiate: Differentiate): Tensor {
  const charges = stack([stack([tensor(10), w.neg().add(10)]), tensor([10, 0])]);
  const potential = (x: Tensor): Tensor =>
    charges.sub(x).square().sum({ axis: 1 }).sqrt().pow(-1).sum();
  const force = differentiate((x) => potential(x).neg());
  const [x, velocity] = whileLoop(
    ([x, v]) => x.at(1).add(v.at(1).mul(timeStep)).gt(0),
    ([x, v]) => [x.add(v.mul(timeStep)), v.add(force(x).mul(timeStep))],
    [tensor([0, 8]), tensor([0.75, 0])],
  );
  const rest = x.at(1).neg().div(velocity.at(1));
  return x.at(0).add(velocity.at(0).mul(rest)).square();
}

const read = (input: Input): [Tensor] => [input.at('w').tensor([]).reshape([1])];

/** The w of the particle that meets the origin; derivatives of two kinds, in w and in space. */
const control = (outer: Differentiate, inner: Differentiate): Prepare => {
  const solve = jit((w: Tensor) => minimizer((at) => miss(at.at(0), inner), w, outer));
  return evaluation(read, solve, item);
};

/** Control of a charged particle; `rf` is reverse mode outside and forward mode inside. */
export const particle: Eval = {
  ff: control(forward, forward),
  fr: control(forward, reverse),
  rf: control(reverse, forward),
  rr: control(reverse, reverse),
};
