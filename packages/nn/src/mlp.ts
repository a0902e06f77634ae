import { relu, type Tensor } from '@grad/core';
import { activation } from './activation.ts';
import { dense, type WeightOptions, type WeightParams } from './dense.ts';
import type { AnyLayer, Empty } from './layer.ts';
import { type Sequential, sequential } from './sequential.ts';

/** How the layers of a perceptron start, and what is between them. */
export interface MlpOptions extends WeightOptions {
  /** Between the layers, not after the last one; `relu` when left out. */
  readonly activation?: (x: Tensor) => Tensor;
}

/**
 * A multilayer perceptron: `mlp([784, 300, 100, 10])` has dense layers `dense1`, `dense2`, `dense3`, and
 * activations `activation1`, `activation2` between them.
 *
 * @param sizes features of the input, of each hidden layer, and of the result
 * @throws RangeError when there are less than two sizes, or one is no whole number of 1 or more.
 */
export function mlp(
  sizes: readonly number[],
  options?: MlpOptions,
): Sequential<Readonly<Record<string, WeightParams>>, Empty>;
export function mlp(
  sizes: readonly number[],
  { activation: between = relu, ...options }: MlpOptions = {},
): Sequential<unknown, unknown> {
  if (!Array.isArray(sizes) || sizes.length < 2) {
    throw new RangeError('mlp: give at least two sizes, [inputs, ..., outputs].');
  }
  const layers: Record<string, AnyLayer> = {};
  for (let i = 1; i < sizes.length; i++) {
    layers[`dense${i}`] = dense(sizes[i - 1] ?? 0, sizes[i] ?? 0, options);
    if (i < sizes.length - 1) layers[`activation${i}`] = activation(between);
  }
  return sequential(layers);
}
