import { grad, type Tensor } from '@grad/core';
import type { Input } from '../input.ts';
import { type Eval, evaluation, item } from '../task.ts';

const square = (x: Tensor): Tensor => x.mul(x);

const read = (input: Input): [Tensor] => [input.tensor([])];

/** The square of a number, and its derivative. */
export const hello: Eval = {
  square: evaluation(read, square, item),
  double: evaluation(read, grad(square), item),
};
