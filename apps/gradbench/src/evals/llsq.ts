import { arange, flip, grad, jit, scan, sign, type Tensor, zeros } from '@grad/core';
import { type Eval, task } from '../task.ts';

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

const primal = jit(objective, { staticArgs: [1] });
const derivative = (x: Tensor, n: number): Tensor => grad((at: Tensor) => objective(at, n))(x);

const gradient = jit(derivative, { staticArgs: [1] });

/** A linear least squares objective. */
export const llsq: Eval = {
  primal: (input) => {
    const x = input.at('x').tensor([null]);
    const n = input.at('n').count(2);
    return task(
      () => primal(x, n),
      (y) => y.item(),
    );
  },
  gradient: (input) => {
    const x = input.at('x').tensor([null]);
    const n = input.at('n').count(2);
    return task(
      () => gradient(x, n),
      (g) => g.toArray(),
    );
  },
};
