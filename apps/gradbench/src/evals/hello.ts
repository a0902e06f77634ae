import { grad, type Tensor } from '@grad/core';
import { type Eval, task } from '../task.ts';

const square = (x: Tensor): Tensor => x.mul(x);
const double = grad(square);

/** The square of a number, and its derivative. */
export const hello: Eval = {
  square: (input) => {
    const x = input.tensor([]);
    return task(
      () => square(x),
      (y) => y.item(),
    );
  },
  double: (input) => {
    const x = input.tensor([]);
    return task(
      () => double(x),
      (y) => y.item(),
    );
  },
};
