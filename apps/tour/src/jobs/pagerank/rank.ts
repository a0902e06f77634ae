import { grad, type Tensor, tensor } from '@grad/core';
import { pagerank } from '@grad/iterators';
import { UserError } from '../../user-error.ts';
import type { LinkGraph } from './link-graph.ts';

/** Scores of the pages, and how the iteration came to them. */
export interface Ranking {
  readonly scores: Float64Array;
  /** Change of the scores in each iteration, as a sum of absolute values. */
  readonly residuals: readonly number[];
}

const mostIterations = 50_000;

/** A graph made ready to be ranked, at any weights. */
export interface Ranker {
  /** @throws UserError when the iteration does not converge. */
  rank(weights: Float64Array): Ranking;
  /** Derivative of one page's score with respect to every weight. */
  differentiate(weights: Float64Array, page: number): Float64Array;
  /** Derivative of the sum of all scores with respect to every weight. */
  differentiateSum(weights: Float64Array): Float64Array;
}

export function createRanker(graph: LinkGraph, alpha: number): Ranker {
  const edges = new Int32Array(2 * graph.from.length);
  for (const [link, page] of graph.from.entries()) edges[2 * link] = page;
  for (const [link, page] of graph.to.entries()) edges[2 * link + 1] = page;
  // Rounding in one step comes back through all the later ones, each time smaller by alpha.
  const tol = Number.EPSILON / (1 - alpha);
  const enough = Math.ceil(Math.log(tol) / Math.log(alpha)) + 1;
  const maxIterations = Math.min(enough, mostIterations);
  const options = { nodes: graph.labels.length, alpha, tol, maxIterations };
  const gradient = grad((weights: Tensor, coefficients: Tensor) =>
    pagerank(edges, weights, options).scores.mul(coefficients).sum(),
  );
  const differentiate = (weights: Float64Array, coefficients: Float64Array) =>
    toFloat64(gradient(tensor(weights), tensor(coefficients)));
  return {
    rank(weights) {
      const { scores, residuals, status } = pagerank(edges, tensor(weights), options);
      if (status !== 'converged') {
        throw new UserError(
          `The scores still change by ${residuals.at(-1)?.toExponential(1)} after ${maxIterations} ` +
            `iterations with alpha ${alpha}. Choose a smaller --alpha.`,
        );
      }
      return { scores: toFloat64(scores), residuals };
    },
    differentiate(weights, page) {
      const coefficients = new Float64Array(options.nodes);
      coefficients[page] = 1;
      return differentiate(weights, coefficients);
    },
    differentiateSum: (weights) => differentiate(weights, new Float64Array(options.nodes).fill(1)),
  };
}

function toFloat64(values: Tensor): Float64Array {
  return Float64Array.from(values.dataSync());
}
