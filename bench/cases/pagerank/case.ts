import { type Case, indices, noise } from '../../src/suite.ts';

const [nodes, edges] = [10_000, 100_000];

/** The score of one node, differentiated in the weights of all edges. */
export const cases: readonly Case[] = [
  {
    group: 'iterations',
    name: `PageRank gradient, ${nodes} nodes, ${edges} edges`,
    precision: 'float64',
    program: 'pagerank',
    options: { nodes, alpha: 0.85, of: 'gradient' },
    inputs: () => {
      const weights = noise([edges], 'float64', { seed: 3 });
      return {
        from: indices(edges, nodes, 1),
        to: indices(edges, nodes, 2),
        weights: { shape: [edges], data: weights.data.map((w) => w + 1.5) },
      };
    },
    variants: { 'our forward solution': { options: { of: 'scores' } } },
    targets: [{ side: 'our forward solution', atMost: 2 }],
  },
];
