import { exp, random, segmentMax, stopGradient, type Tensor, take, where, zeros } from '@grad/core';
import { initializers, leakyRelu } from '@grad/nn';
import { nodeCount, sumAtEnds, weightsAs } from './aggregate.ts';
import { checkCount, checkOptions } from './check.ts';
import type { Graph } from './graph-batch.ts';
import type { GraphLayer } from './layer.ts';
import { checkSizes, drawWeight, type GraphLayerOptions, inputOf, parameter } from './linear.ts';

/** Options of `gatConv`. */
export interface GatOptions extends GraphLayerOptions {
  /** Heads of attention; 1 when left out. */
  readonly heads?: number;
  /** Whether the outputs of the heads stand side by side, rather than being averaged; true when left out. */
  readonly concatenated?: boolean;
}

/** Parameters of `gatConv`, for H heads with K outputs each. */
export interface GatParams {
  /** `[inputs, H K]` */
  readonly weight: Tensor;
  /** `[H, K]`: attention paid, by what a node receives. */
  readonly receiver: Tensor;
  /** `[H, K]`: attention drawn, by what a node sends. */
  readonly sender: Tensor;
  /** `[outputs]`, unless the layer has none. */
  readonly bias?: Tensor;
}

/**
 * Graph attention: each node averages over its neighbors and itself, by shares that are a softmax of
 * leakyRelu(a_receiver . W x_i + a_sender . W x_j) with slope 0.2 below 0. The weight of an edge multiplies its
 * share before they are divided by their sum.
 *
 * @param outputs of all heads together when they are concatenated, else of each one
 * @throws RangeError when a size is no whole number of 1 or more, or heads do not divide the outputs.
 * @see P. Veličković et al., Graph Attention Networks (2018), equations 3 to 6.
 */
export function gatConv(
  inputs: number,
  outputs: number,
  options: GatOptions = {},
): GraphLayer<GatParams> {
  const name = 'gatConv';
  checkSizes(name, inputs, outputs);
  checkOptions(name, options, ['bias', 'dtype', 'heads', 'concatenated']);
  const { bias = true, dtype = 'float32', heads = 1, concatenated = true } = options;
  checkCount(name, 'heads', heads);
  if (concatenated && outputs % heads !== 0) {
    throw new RangeError(
      `${name}: ${heads} heads cannot share ${outputs} outputs; give a multiple, or set concatenated to false.`,
    );
  }
  const size = concatenated ? outputs / heads : outputs;
  return {
    kind: name,
    inputs,
    outputs,
    init: (key) => {
      const [first, second, third] = random.split(key, 3);
      const attention = (from: Tensor): Tensor =>
        initializers.glorotUniform()(from, [heads, size], { dtype, inAxis: 1, outAxis: 0 });
      return {
        weight: drawWeight(first, inputs, heads * size, dtype),
        receiver: attention(second),
        sender: attention(third),
        ...(bias && { bias: zeros([outputs], { dtype }) }),
      };
    },
    apply: (params, x, graph) => {
      const weight = parameter(name, 'weight', params.weight, [inputs, heads * size]);
      const nodes = nodeCount(graph);
      const sent = inputOf(name, x, nodes, inputs, weight)
        .matmul(weight)
        .reshape([nodes, heads, size]);
      const paid = sent
        .mul(parameter(name, 'receiver', params.receiver, [heads, size]))
        .sum({ axis: 2 });
      const drawn = sent
        .mul(parameter(name, 'sender', params.sender, [heads, size]))
        .sum({ axis: 2 });
      const met = attend(sent, paid, drawn, graph);
      const result = concatenated ? met.reshape([nodes, outputs]) : met.mean({ axis: 1 });
      return bias ? result.add(parameter(name, 'bias', params.bias, [outputs])) : result;
    },
  };
}

/** Averages `[N, H, K]` over neighbors and the node itself, by a softmax of attention `[N, H]`. */
function attend(sent: Tensor, paid: Tensor, drawn: Tensor, graph: Graph): Tensor {
  const weights = weightsAs(sent, graph).expandDims(1);
  const along = leakyRelu(take(paid, graph.to).add(take(drawn, graph.from)), 0.2);
  const own = leakyRelu(paid.add(drawn), 0.2);
  // Only edges that are there may decide what is subtracted, which changes no share.
  const there = where(weights.gt(0), along, Number.NEGATIVE_INFINITY);
  const largest = stopGradient(
    segmentMax(there, graph.to, { count: nodeCount(graph) }).maximum(own),
  );
  const chosen = where(weights.gt(0), along.sub(take(largest, graph.to)), 0);
  const [shares, ownShare] = [exp(chosen).mul(weights), exp(own.sub(largest))];
  const total = sumAtEnds(shares, graph).add(ownShare).expandDims(2);
  const sum = sumAtEnds(take(sent, graph.from).mul(shares.expandDims(2)), graph);
  return sum.add(sent.mul(ownShare.expandDims(2))).div(total);
}
