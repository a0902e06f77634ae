import { erf, expm1, minimum, relu, sigmoid, type Tensor, tanh } from '@grad/core';

/** x above 0, and 0.01 x below it. For another slope write `(x) => leakyRelu(x, slope)`. */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return relu(x).sub(relu(x.neg()).mul(negativeSlope));
}

/**
 * x above 0, and alpha (exp(x) - 1) below it, where alpha is 1 when left out.
 *
 * @see Clevert, Unterthiner and Hochreiter, arXiv:1511.07289, equation 15.
 */
export function elu(x: Tensor, alpha = 1): Tensor {
  return relu(x).add(expm1(minimum(x, 0)).mul(alpha));
}

/** x sigmoid(x), also called swish. */
export function silu(x: Tensor): Tensor {
  return x.mul(sigmoid(x));
}

/**
 * x times the probability that a standard normal variable is below x; exact, not by tanh.
 *
 * @see Hendrycks and Gimpel, Gaussian error linear units, arXiv:1606.08415.
 */
export function gelu(x: Tensor): Tensor {
  return x.mul(erf(x.mul(Math.SQRT1_2)).add(1)).mul(0.5);
}

/** The approximation of `gelu` by tanh that GPT-2 and BERT use. */
export function geluTanh(x: Tensor): Tensor {
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(tanh(inner).add(1)).mul(0.5);
}
