import { type Tensor, zeros } from '@grad/core';
import { nodeCount } from './aggregate.ts';
import { checkOptions } from './check.ts';
import type { Graph } from './graph-batch.ts';
import type { GraphLayer } from './layer.ts';
import {
  checkSizes,
  drawWeight,
  type Features,
  type GraphLayerOptions,
  linear,
  parameter,
} from './linear.ts';
import { propagate } from './propagate.ts';

/** Parameters of `gcnConv`. */
export interface GcnParams {
  /** `[inputs, outputs]` */
  readonly weight: Tensor;
  /** `[outputs]`, unless the layer has none. */
  readonly bias?: Tensor;
}

/** A graph convolution, which also takes sparse features. */
export interface GcnConv extends GraphLayer<GcnParams> {
  apply(params: GcnParams, x: Features, graph: Graph): Tensor;
}

/**
 * P x W + b, where P is the diffusion of `propagate`. The weight is drawn by Glorot's rule, the bias starts
 * at 0.
 *
 * @throws RangeError when a size is no whole number of 1 or more.
 * @see T. Kipf and M. Welling, Semi-Supervised Classification with Graph Convolutional Networks (2017).
 */
export function gcnConv(inputs: number, outputs: number, options: GraphLayerOptions = {}): GcnConv {
  checkSizes('gcnConv', inputs, outputs);
  checkOptions('gcnConv', options, ['bias', 'dtype']);
  const { bias = true, dtype = 'float32' } = options;
  return {
    kind: 'gcnConv',
    inputs,
    outputs,
    init: (key) => {
      const weight = drawWeight(key, inputs, outputs, dtype);
      return bias ? { weight, bias: zeros([outputs], { dtype }) } : { weight };
    },
    apply: (params, x, graph) => {
      const weight = parameter('gcnConv', 'weight', params.weight, [inputs, outputs]);
      const spread = propagate(linear('gcnConv', x, weight, nodeCount(graph)), graph);
      return bias ? spread.add(parameter('gcnConv', 'bias', params.bias, [outputs])) : spread;
    },
  };
}
