import { rsqrt, type Tensor, type TensorLike, take } from '@grad/core';
import { degrees, gatherSum, nodeCount, weightsAs } from './aggregate.ts';
import { matrix } from './check.ts';
import type { Graph } from './graph-batch.ts';

/**
 * One step of diffusion: P x with P = D^(-1/2) (A + I) D^(-1/2), where A has the weights of the edges and
 * D = diag(1 + their sums at each node). It is a graph convolution without its weight.
 *
 * @param x shape [N, k]
 * @throws ShapeError when x has not a row for each node.
 * @see T. Kipf and M. Welling, Semi-Supervised Classification with Graph Convolutional Networks (2017),
 * equation 2.
 */
export function propagate(x: TensorLike, graph: Graph): Tensor {
  const made = matrix('propagate', 'x', x, nodeCount(graph));
  const weights = weightsAs(made, graph);
  const scale = rsqrt(degrees(weights, graph).add(1));
  const coefficients = weights.mul(take(scale, graph.from)).mul(take(scale, graph.to));
  return gatherSum(made, coefficients, graph).add(made.mul(scale.square().expandDims(1)));
}
