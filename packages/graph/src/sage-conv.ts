import { random, relu, segmentMax, type Tensor, take, where, zeros } from '@grad/core';
import { degrees, gatherSum, nodeCount, weightsAs } from './aggregate.ts';
import { checkChoice, checkOptions } from './check.ts';
import type { Graph } from './graph-batch.ts';
import type { GraphLayer } from './layer.ts';
import { checkSizes, drawWeight, type GraphLayerOptions, inputOf, parameter } from './linear.ts';

/** Options of `sageConv`. */
export interface SageOptions extends GraphLayerOptions {
  /**
   * How neighbors come together: their `mean` by weights of edges, or the elementwise `max` of a layer of
   * their own (weights only tell which edges are there); `mean` when left out.
   */
  readonly aggregate?: 'mean' | 'max';
}

/** Parameters of `sageConv`. */
export interface SageParams {
  /** `[inputs, outputs]`, for the node itself. */
  readonly own: Tensor;
  /** `[inputs, outputs]`, for its neighbors. */
  readonly neighbors: Tensor;
  /** `[outputs]`, unless the layer has none. */
  readonly bias?: Tensor;
  /** `[inputs, inputs]`, before the maximum; only there. */
  readonly pooled?: Tensor;
  /** `[inputs]`, before the maximum; only there. */
  readonly pooledBias?: Tensor;
}

/**
 * GraphSAGE: x W_own + a W_neighbors + b, where a comes together of the neighbors at each node: their mean,
 * or the maximum of relu(x W_pooled + b_pooled). It is 0 at nodes without neighbors.
 *
 * @throws RangeError when a size is no whole number of 1 or more, or an option is unknown.
 * @see W. Hamilton, R. Ying and J. Leskovec, Inductive Representation Learning on Large Graphs (2017),
 * algorithm 1 and equation 3.
 */
export function sageConv(
  inputs: number,
  outputs: number,
  options: SageOptions = {},
): GraphLayer<SageParams> {
  const name = 'sageConv';
  checkSizes(name, inputs, outputs);
  checkOptions(name, options, ['bias', 'dtype', 'aggregate']);
  const { bias = true, dtype = 'float32', aggregate = 'mean' } = options;
  checkChoice(name, 'aggregate', aggregate, ['mean', 'max']);
  return {
    kind: name,
    inputs,
    outputs,
    init: (key) => {
      const [first, second, third] = random.split(key, 3);
      return {
        own: drawWeight(first, inputs, outputs, dtype),
        neighbors: drawWeight(second, inputs, outputs, dtype),
        ...(bias && { bias: zeros([outputs], { dtype }) }),
        ...(aggregate === 'max' && {
          pooled: drawWeight(third, inputs, inputs, dtype),
          pooledBias: zeros([inputs], { dtype }),
        }),
      };
    },
    apply: (params, x, graph) => {
      const own = parameter(name, 'own', params.own, [inputs, outputs]);
      const neighbors = parameter(name, 'neighbors', params.neighbors, [inputs, outputs]);
      const h = inputOf(name, x, nodeCount(graph), inputs, own);
      const met =
        aggregate === 'mean'
          ? meanOfNeighbors(h, graph)
          : maximumOfNeighbors(
              relu(
                h
                  .matmul(parameter(name, 'pooled', params.pooled, [inputs, inputs]))
                  .add(parameter(name, 'pooledBias', params.pooledBias, [inputs])),
              ),
              graph,
            );
      const sum = h.matmul(own).add(met.matmul(neighbors));
      return bias ? sum.add(parameter(name, 'bias', params.bias, [outputs])) : sum;
    },
  };
}

function meanOfNeighbors(h: Tensor, graph: Graph): Tensor {
  const weights = weightsAs(h, graph);
  const total = degrees(weights, graph);
  return gatherSum(h, weights, graph).div(where(total.gt(0), total, 1).expandDims(1));
}

function maximumOfNeighbors(h: Tensor, graph: Graph): Tensor {
  const there = weightsAs(h, graph).gt(0);
  const sent = where(there.expandDims(1), take(h, graph.from), Number.NEGATIVE_INFINITY);
  const largest = segmentMax(sent, graph.to, { count: nodeCount(graph) });
  const some = degrees(there.astype(h.dtype), graph).gt(0);
  return where(some.expandDims(1), largest, 0);
}
