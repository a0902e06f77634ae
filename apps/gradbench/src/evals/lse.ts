import { grad, jit, type Tensor } from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation, item } from '../task.ts';

/** log(sum(exp(x))), shifted by the largest element so that nothing overflows. */
function logSumExp(x: Tensor): Tensor {
  const top = x.max();
  return x.sub(top).exp().sum().log().add(top);
}

const read = (input: Input): [Tensor] => [input.at('x').tensor([null])];

/** The logarithm of a sum of exponentials. */
export const lse: Eval = {
  primal: evaluation(read, jit(logSumExp), item),
  gradient: evaluation(read, jit(grad(logSumExp)), array),
};
