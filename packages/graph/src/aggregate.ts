import { segmentSum, type Tensor, take } from '@grad/core';
import type { Graph } from './graph-batch.ts';

/** Number of nodes, those that fill up included. */
export function nodeCount(graph: Graph): number {
  return graph.nodeMask.shape[0] ?? 0;
}

/** Weights of the edges in the dtype of x. */
export function weightsAs(x: Tensor, graph: Graph): Tensor {
  return graph.weights.astype(x.dtype);
}

/** At each node the sum of what its edges bring, `[E]` or `[E, k]`. */
export function sumAtEnds(messages: Tensor, graph: Graph): Tensor {
  return segmentSum(messages, graph.to, { count: nodeCount(graph) });
}

/** At each node the sum of what is at the starts of its edges, `[N, k]`, times a number for each edge. */
export function gatherSum(x: Tensor, coefficients: Tensor, graph: Graph): Tensor {
  return sumAtEnds(take(x, graph.from).mul(coefficients.expandDims(1)), graph);
}

/** Sum of the weights of the edges that end at each node: `[N]`. */
export function degrees(weights: Tensor, graph: Graph): Tensor {
  return sumAtEnds(weights, graph);
}
