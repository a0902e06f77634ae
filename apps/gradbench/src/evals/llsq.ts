import { arange, flip, grad, jit, scan, sign, type Tensor, zeros } from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation, item } from '../task.ts';

/** Half the squared distance of the polynomial with coefficients x from sign(t), at n points t. */
function objective(x: Tensor, n: number): Tensor {
  const t = arange(n)
    .mul(2)
    .div(n - 1)
    .sub(1);
  const horner = (value: Tensor, coefficient: Tensor) =>
    [value.mul(t).add(coefficient), null] as const;
  const [polynomial] = scan(horner, zeros([n]), flip(x));
  return sign(t).sub(polynomial).square().sum().div(2);
}

const derivative = (x: Tensor, n: number): Tensor => grad((at: Tensor) => objective(at, n))(x);

const read = (input: Input): [x: Tensor, n: number] => [
  input.at('x').tensor([null]),
  input.at('n').count(2),
];

/** A linear least squares objective. */
export const llsq: Eval = {
  primal: evaluation(read, jit(objective, { staticArgs: [1] }), item),
  gradient: evaluation(read, jit(derivative, { staticArgs: [1] }), array),
};
