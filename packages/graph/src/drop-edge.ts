import { random, type Tensor, take, tensor, where } from '@grad/core';
import { checkNumber, checkOptions } from './check.ts';
import type { Graph } from './graph-batch.ts';

/**
 * The graph without some of its edges, each dropped with probability `rate`: their weights become 0, so that
 * shapes stay. An edge and the one that leads back go together.
 *
 * @param key another one in each step of training
 * @param options with `together` false, the two directions are dropped on their own
 * @throws RangeError when the rate is not in [0, 1).
 * @see Y. Rong, W. Huang, T. Xu and J. Huang, DropEdge: Towards Deep Graph Convolutional Networks on Node
 * Classification (2020).
 */
export function dropEdge(
  graph: Graph,
  rate: number,
  key: Tensor,
  options: { readonly together?: boolean } = {},
): Graph {
  checkOptions('dropEdge', options, ['together']);
  const { together = true } = options;
  checkNumber(
    'dropEdge',
    'the rate',
    rate,
    (x) => x >= 0 && x < 1,
    'a number of 0 or more, less than 1',
  );
  const places = tensor(Int32Array.from({ length: graph.weights.size }, (_, edge) => edge));
  const firstOfTwo = graph.reverse.minimum(places);
  const draws = random.uniform(key, graph.weights.shape);
  const kept = draws.ge(rate);
  const decided = together ? take(kept, firstOfTwo) : kept;
  return { ...graph, weights: where(decided, graph.weights, 0) };
}
