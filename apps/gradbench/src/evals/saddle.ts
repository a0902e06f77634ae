import { concatenate, jit, type Tensor } from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation, type Prepare } from '../task.ts';
import { type Differentiate, forward, maximizer, minimizer, reverse } from './gradient-descent.ts';

const f = (x: Tensor, y: Tensor): Tensor => x.square().sum().sub(y.square().sum());

const read = (input: Input): [Tensor] => [input.at('start').tensor([2])];

/** The x where the maximum of f over y is least, and then that y; derivatives of two kinds. */
const saddlePoint = (outer: Differentiate, inner: Differentiate): Prepare => {
  const solve = jit((start: Tensor) => {
    const highest = (x: Tensor) =>
      f(
        x,
        maximizer((y) => f(x, y), start, inner),
      );
    const x = minimizer(highest, start, outer);
    const y = maximizer((at) => f(x, at), start, outer);
    return concatenate([x, y]);
  });
  return evaluation(read, solve, array);
};

/** A saddle point by nested gradient descent; `rf` is reverse mode outside and forward mode inside. */
export const saddle: Eval = {
  ff: saddlePoint(forward, forward),
  fr: saddlePoint(forward, reverse),
  rf: saddlePoint(reverse, forward),
  rr: saddlePoint(reverse, reverse),
};
