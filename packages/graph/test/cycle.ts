import { type Tensor, tensor } from '@grad/core';
import { type Graph, graphBatch } from '../src/index.ts';

/** A cycle of n nodes, a function that layers shrink by mu, and mu. */
export function cycle(n: number): { graph: Graph; x: Tensor; mu: number } {
  const graph = graphBatch(
    [{ nodes: n, edges: Array.from({ length: n }, (_, i) => [i, (i + 1) % n]) }],
    {
      undirected: true,
      dtype: 'float64',
    },
  );
  const angle = (2 * Math.PI) / n;
  const x = tensor(Array.from({ length: n }, (_, i) => [Math.cos(angle * i)]));
  return { graph, x, mu: (1 + 2 * Math.cos(angle)) / 3 };
}
