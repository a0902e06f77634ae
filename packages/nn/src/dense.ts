import { random, ShapeError, type Tensor } from '@grad/core';
import { zeros } from './initializers/distributions.ts';
import type { Initializer } from './initializers/fans.ts';
import { lecunNormal } from './initializers/variance-scaling.ts';
import { type Layer, stateless } from './layer.ts';
import { checkCount, type FloatDType, inDtypeOf, parameter, shapeOf } from './operands.ts';

/** How a layer with a weight starts. */
export interface WeightOptions {
  /** Whether something is added to the result; true when left out. */
  readonly bias?: boolean;
  /** float32 when left out. */
  readonly dtype?: FloatDType;
  /** `lecunNormal()` when left out. */
  readonly weightInit?: Initializer;
  /** `zeros` when left out. */
  readonly biasInit?: Initializer;
}

/** Parameters of a layer with a weight. */
export interface WeightParams {
  readonly weight: Tensor;
  /** One for each output, unless the layer has none. */
  readonly bias?: Tensor;
}

/** An affine map of the last axis. */
export interface Dense extends Layer<WeightParams> {
  readonly kind: 'dense';
  readonly inputs: number;
  readonly outputs: number;
}

/** Draws a weight and a bias. */
export function initWeight(
  key: Tensor,
  shape: readonly number[],
  axes: { readonly inAxis: number; readonly outAxis: number },
  outputs: number,
  options: WeightOptions,
): WeightParams {
  const { bias = true, dtype = 'float32', weightInit = lecunNormal(), biasInit = zeros } = options;
  const [first, second] = random.split(key);
  const weight = weightInit(first, shape, { dtype, ...axes });
  return bias ? { weight, bias: biasInit(second, [outputs], { dtype }) } : { weight };
}

/**
 * x W + b along the last axis: x of shape `[..., inputs]` gives `[..., outputs]`. The weight has shape
 * `[inputs, outputs]`, which is the transpose of PyTorch's.
 *
 * @throws RangeError when a size is no whole number of 1 or more.
 */
export function dense(inputs: number, outputs: number, options: WeightOptions = {}): Dense {
  checkCount('dense', 'the number of inputs', inputs);
  checkCount('dense', 'the number of outputs', outputs);
  const { bias = true } = options;
  return stateless<WeightParams, Pick<Dense, 'kind' | 'form' | 'inputs' | 'outputs'>>({
    kind: 'dense',
    form: 'affine',
    inputs,
    outputs,
    init: (key) => initWeight(key, [inputs, outputs], { inAxis: 0, outAxis: 1 }, outputs, options),
    apply: (params, x) => {
      const weight = parameter('dense', params, 'weight', [inputs, outputs]);
      const made = inDtypeOf(weight, x);
      if (made.shape.at(-1) !== inputs) {
        throw new ShapeError(
          `dense: x has shape ${shapeOf(made)}; its last axis must have ${inputs} entries, one for each input. Use flatten() between convolutions and dense layers.`,
        );
      }
      const linear = made.matmul(weight);
      return bias ? linear.add(parameter('dense', params, 'bias', [outputs])) : linear;
    },
  });
}
