import { eye, rsqrt, type Tensor, type TensorLike, take, where } from '@grad/core';
import { nodeCount, sumAtEnds, weightsAs } from './aggregate.ts';
import { checkChoice, checkOptions, matrix } from './check.ts';
import type { Graph } from './graph-batch.ts';

/**
 * Mean average distance: one minus the cosine between rows of x, first averaged over the partners of each
 * node, then over the nodes for which that is not 0. It is 0 where all rows point the same way. The partners
 * are `all` other nodes of the same graph, or the `neighbors` that edges lead from. Rows of zeros have the
 * distance 1 to others. Of a graph without pairs it is 0.
 *
 * @param x shape [N, k]
 * @returns a scalar in [0, 2]
 * @throws ShapeError when x has not a row for each node.
 * @see D. Chen et al., Measuring and Relieving the Over-Smoothing Problem for Graph Neural Networks (2020),
 * equations 1 to 4.
 */
export function meanAverageDistance(
  x: TensorLike,
  graph: Graph,
  options: { readonly pairs?: 'all' | 'neighbors' } = {},
): Tensor {
  checkOptions('meanAverageDistance', options, ['pairs']);
  const { pairs = 'all' } = options;
  checkChoice('meanAverageDistance', 'pairs', pairs, ['all', 'neighbors']);
  const made = matrix('meanAverageDistance', 'x', x, nodeCount(graph));
  const squares = made.square().sum({ axis: 1, keepdims: true });
  const units = made.mul(rsqrt(where(squares.gt(0), squares, 1)));
  const [sums, counts] = pairs === 'all' ? amongAll(units, graph) : amongNeighbors(units, graph);
  const averages = sums.div(where(counts.gt(0), counts, 1));
  const some = averages.gt(16 * (made.dtype === 'float64' ? 2 ** -52 : 2 ** -23));
  const number = some.astype(made.dtype).sum();
  return where(some, averages, 0)
    .sum()
    .div(where(number.gt(0), number, 1));
}

/** Sums of distances and numbers of partners, of each node. */
type Sums = readonly [sums: Tensor, counts: Tensor];

function amongAll(units: Tensor, graph: Graph): Sums {
  const mask = graph.nodeMask.astype(units.dtype);
  const other = where(
    graph.graphOf.expandDims(1).eq(graph.graphOf),
    mask.expandDims(1).mul(mask),
    0,
  );
  const alike = units.matmul(units.transpose());
  // A node is at distance 0 from itself whatever the rounding.
  const pairs = other.sub(
    other.mul(eye(nodeCount(graph), nodeCount(graph), { dtype: units.dtype })),
  );
  return [alike.neg().add(1).mul(pairs).sum({ axis: 1 }), pairs.sum({ axis: 1 })];
}

function amongNeighbors(units: Tensor, graph: Graph): Sums {
  const counted = weightsAs(units, graph).gt(0).astype(units.dtype);
  const alike = take(units, graph.to).mul(take(units, graph.from)).sum({ axis: 1 });
  return [sumAtEnds(alike.neg().add(1).mul(counted), graph), sumAtEnds(counted, graph)];
}
