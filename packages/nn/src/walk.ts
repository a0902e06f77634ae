import type { TensorLike } from '@grad/core';
import type { Evaluation, Layer, Step } from './layer.ts';
import { stepsOf } from './named-layers.ts';
import { asInput } from './operands.ts';

/**
 * What happens to x on its way through a model once trained, layer by layer: each step has the input
 * and the output of one layer, and the layer as a function. Layers inside a `sequential` are steps of
 * their own, named `block.conv1`; a `parallel` (and so a `residual`) is one step with the steps of its
 * `branches`. Relevance and attribution are computed by going back over the steps.
 */
export function walk<P, S>(
  model: Layer<P, S>,
  params: P,
  x: TensorLike,
  options: Evaluation<S> = {},
): readonly Step[] {
  return stepsOf(model, params, asInput(x), options, '');
}
