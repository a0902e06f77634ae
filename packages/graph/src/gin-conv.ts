import { type Tensor, zeros } from '@grad/core';
import { mlp } from '@grad/nn';
import { gatherSum, nodeCount, weightsAs } from './aggregate.ts';
import { checkCount, checkOptions, matrix } from './check.ts';
import type { GraphLayer } from './layer.ts';
import { checkSizes } from './linear.ts';

/** Options of `ginConv`. */
export interface GinOptions {
  /** Numbers inside the network at each node; as many as outputs when left out. */
  readonly hidden?: number;
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

/** Parameters of `ginConv`. */
export interface GinParams {
  /** By how much more than its neighbors a node counts for itself: a scalar. */
  readonly eps: Tensor;
  /** Of the network of two layers at each node. */
  readonly network: ReturnType<ReturnType<typeof mlp>['init']>;
}

/**
 * Graph isomorphism network: a network of two layers, with relu between them, of (1 + eps) x plus the sum of
 * the neighbors. A sum, unlike a mean, tells how many neighbors there are.
 *
 * @throws RangeError when a size is no whole number of 1 or more.
 * @see K. Xu, W. Hu, J. Leskovec and S. Jegelka, How Powerful are Graph Neural Networks? (2019), equation 4.1.
 */
export function ginConv(
  inputs: number,
  outputs: number,
  options: GinOptions = {},
): GraphLayer<GinParams> {
  const name = 'ginConv';
  checkSizes(name, inputs, outputs);
  checkOptions(name, options, ['hidden', 'dtype']);
  const { hidden = outputs, dtype = 'float32' } = options;
  checkCount(name, 'hidden', hidden);
  const network = mlp([inputs, hidden, outputs], { dtype });
  return {
    kind: name,
    inputs,
    outputs,
    init: (key) => ({ eps: zeros([], { dtype }), network: network.init(key) }),
    apply: (params, x, graph) => {
      const given = matrix(name, 'x', x, nodeCount(graph), inputs);
      const h = given.dtype === params.eps.dtype ? given : given.astype(params.eps.dtype);
      const sum = gatherSum(h, weightsAs(h, graph), graph);
      return network.apply(params.network, h.mul(params.eps.add(1)).add(sum));
    },
  };
}
