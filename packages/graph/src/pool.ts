import { segmentMax, segmentSum, type Tensor, type TensorLike, where } from '@grad/core';
import { nodeCount } from './aggregate.ts';
import { checkChoice, checkOptions, matrix } from './check.ts';
import type { Graph } from './graph-batch.ts';

/**
 * One row for each graph of a batch: the sum, mean or maximum of the rows of its nodes. It is 0 for graphs
 * without nodes.
 *
 * @param x shape [N, k]
 * @returns shape [graphs, k]
 * @throws ShapeError when x has not a row for each node.
 */
export function pool(
  x: TensorLike,
  graph: Graph,
  options: { readonly mode?: 'sum' | 'mean' | 'max' } = {},
): Tensor {
  checkOptions('pool', options, ['mode']);
  const { mode = 'sum' } = options;
  checkChoice('pool', 'the mode', mode, ['sum', 'mean', 'max']);
  const made = matrix('pool', 'x', x, nodeCount(graph));
  const count = { count: graph.graphMask.shape[0] ?? 0 };
  const mask = graph.nodeMask.astype(made.dtype).expandDims(1);
  const sizes = segmentSum(mask, graph.graphOf, count);
  if (mode === 'max') {
    const largest = segmentMax(
      where(mask.gt(0), made, Number.NEGATIVE_INFINITY),
      graph.graphOf,
      count,
    );
    return where(sizes.gt(0), largest, 0);
  }
  const sums = segmentSum(made.mul(mask), graph.graphOf, count);
  return mode === 'sum' ? sums : sums.div(where(sizes.gt(0), sizes, 1));
}
