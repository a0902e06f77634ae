import { grad, jit, type Tensor } from '@grad/core';
import { type Eval, task } from '../task.ts';

/** log(sum(exp(x))), shifted by the largest element so that nothing overflows. */
function logSumExp(x: Tensor): Tensor {
  const top = x.max();
  return x.sub(top).exp().sum().log().add(top);
}

const primal = jit(logSumExp);
const gradient = jit(grad(logSumExp));

/** The logarithm of a sum of exponentials. */
export const lse: Eval = {
  primal: (input) => {
    const x = input.at('x').tensor([null]);
    return task(
      () => primal(x),
      (y) => y.item(),
    );
  },
  gradient: (input) => {
    const x = input.at('x').tensor([null]);
    return task(
      () => gradient(x),
      (g) => g.toArray(),
    );
  },
};
