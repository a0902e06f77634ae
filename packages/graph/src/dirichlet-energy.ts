import { rsqrt, type Tensor, type TensorLike, take } from '@grad/core';
import { degrees, nodeCount, weightsAs } from './aggregate.ts';
import { checkOptions, matrix } from './check.ts';
import type { Graph } from './graph-batch.ts';

/**
 * How much x differs along edges: half the sum over edges i > j, each way one, of
 * w_ij |x_i / sqrt(d_i) - x_j / sqrt(d_j)|^2. With `normalized`, the default, d_i is 1 + the sum of the
 * weights at i, and the energy is that of the diffusion in `gcnConv`, which makes it smaller step by step;
 * otherwise d_i is 1. Where it falls towards 0, nodes can no longer be told apart: over-smoothing.
 *
 * @param x shape [N, k]
 * @returns a scalar
 * @throws ShapeError when x has not a row for each node.
 * @see C. Cai and Y. Wang, A Note on Over-Smoothing for Graph Neural Networks (2020), definition 1.
 */
export function dirichletEnergy(
  x: TensorLike,
  graph: Graph,
  options: { readonly normalized?: boolean } = {},
): Tensor {
  checkOptions('dirichletEnergy', options, ['normalized']);
  const { normalized = true } = options;
  const made = matrix('dirichletEnergy', 'x', x, nodeCount(graph));
  const weights = weightsAs(made, graph);
  const scaled = normalized ? made.mul(rsqrt(degrees(weights, graph).add(1)).expandDims(1)) : made;
  const differences = take(scaled, graph.to).sub(take(scaled, graph.from));
  return differences.square().sum({ axis: 1 }).mul(weights).sum().mul(0.5);
}
