import { add, mul, type Tensor, zeros } from '@grad/core';

/** The sum of weight times tensor, without those of weight 0. */
export function combination(weights: readonly number[], tensors: readonly Tensor[]): Tensor {
  let sum: Tensor | undefined;
  weights.forEach((weight, i) => {
    const x = tensors[i];
    if (weight === 0 || x === undefined) return;
    const term = weight === 1 ? x : mul(x, weight);
    sum = sum === undefined ? term : add(sum, term);
  });
  const [like] = tensors;
  return sum ?? (like ? zeros(like.shape, { dtype: dtypeOf(like) }) : zeros([]));
}

function dtypeOf(x: Tensor): 'float32' | 'float64' {
  return x.dtype === 'float32' ? 'float32' : 'float64';
}

/** `x + sum of weight times tensor`. */
export function advanced(
  x: Tensor,
  h: Tensor,
  weights: readonly number[],
  tensors: readonly Tensor[],
): Tensor {
  return x.add(combination(weights, tensors).mul(h));
}

/** The value of `y + c_1 theta + c_2 theta^2 + ...`, by Horner's rule. */
export function polynomial(y: Tensor, coefficients: readonly Tensor[], theta: Tensor): Tensor {
  const [last, ...lower] = coefficients.toReversed();
  if (last === undefined) return y;
  return y.add(lower.reduce((sum, c) => sum.mul(theta).add(c), last).mul(theta));
}
