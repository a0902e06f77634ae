import { segmentSum, sqrt, type Tensor, type TensorLike, take, where } from '@grad/core';
import { nodeCount } from './aggregate.ts';
import { checkNumber, checkOptions, matrix } from './check.ts';
import type { Graph } from './graph-batch.ts';
import { pool } from './pool.ts';

/**
 * Keeps nodes apart: in each graph the mean of its rows is taken off, and then all rows are divided so that
 * the mean of their squared lengths is the square of `scale`. A graph whose rows are all equal becomes 0.
 *
 * @param x shape [N, k]
 * @param options `scale` is 1 when left out
 * @throws ShapeError when x has not a row for each node; RangeError when the scale is not positive.
 * @see L. Zhao and L. Akoglu, PairNorm: Tackling Oversmoothing in GNNs (2020), equations 10 and 11.
 */
export function pairNorm(
  x: TensorLike,
  graph: Graph,
  options: { readonly scale?: number } = {},
): Tensor {
  checkOptions('pairNorm', options, ['scale']);
  const { scale = 1 } = options;
  checkNumber(
    'pairNorm',
    'scale',
    scale,
    (s) => s > 0 && s < Number.POSITIVE_INFINITY,
    'a positive number',
  );
  const made = matrix('pairNorm', 'x', x, nodeCount(graph));
  const mask = graph.nodeMask.astype(made.dtype).expandDims(1);
  const means = pool(made, graph, { mode: 'mean' });
  const centered = made.sub(take(means, graph.graphOf)).mul(mask);
  const count = { count: graph.graphMask.shape[0] ?? 0 };
  const squares = segmentSum(
    centered.square().sum({ axis: 1, keepdims: true }),
    graph.graphOf,
    count,
  );
  const sizes = segmentSum(mask, graph.graphOf, count);
  const lengths = squares.div(where(sizes.gt(0), sizes, 1));
  const factors = where(lengths.gt(0), sqrt(where(lengths.gt(0), lengths, 1)), 1);
  return centered.mul(scale).div(take(factors, graph.graphOf));
}
