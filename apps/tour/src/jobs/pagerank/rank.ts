import { grad, jit, type Progress, type Tensor, tensor } from '@grad/core';
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

/** Receives the share of a solution that is done, from 0 to 1. */
export type Follow = (fraction: number) => void;

/** A graph made ready to be ranked, at any weights. */
export interface Ranker {
  /** @throws UserError when the iteration does not converge. */
  rank(weights: Float64Array, follow?: Follow): Promise<Ranking>;
  /** Derivative of one page's score with respect to every weight. */
  differentiate(weights: Float64Array, page: number, follow?: Follow): Promise<Float64Array>;
  /** Derivative of the sum of all scores with respect to every weight. */
  differentiateSum(weights: Float64Array): Promise<Float64Array>;
}

/** All that it computes ends with the reason of `signal` when that is aborted. */
export function createRanker(graph: LinkGraph, alpha: number, signal: AbortSignal): Ranker {
  const edges = new Int32Array(2 * graph.from.length);
  for (const [link, page] of graph.from.entries()) edges[2 * link] = page;
  for (const [link, page] of graph.to.entries()) edges[2 * link + 1] = page;
  // Rounding in one step comes back through all the later ones, each time smaller by alpha.
  const tol = Number.EPSILON / (1 - alpha);
  const enough = Math.ceil(Math.log(tol) / Math.log(alpha)) + 1;
  const maxIterations = Math.min(enough, mostIterations);
  const options = { nodes: graph.labels.length, alpha, tol, maxIterations };
  const gradient = jit(
    grad((weights: Tensor, coefficients: Tensor) =>
      pagerank(edges, weights, options).scores.mul(coefficients).sum(),
    ),
  );
  /** The iterations that are needed at most, of so many solutions, are what progress is measured in. */
  const watched = (solutions: number, follow: Follow | undefined) => ({
    signal,
    onProgress: ({ steps }: Progress) => follow?.(Math.min(1, steps / enough / solutions)),
  });
  const differentiate = async (
    weights: Float64Array,
    coefficients: Float64Array,
    follow?: Follow,
  ) => toFloat64(await gradient.async([tensor(weights), tensor(coefficients)], watched(2, follow)));
  return {
    async rank(weights, follow) {
      const { scores, residuals, status } = await pagerank.async(edges, tensor(weights), {
        ...options,
        ...watched(1, follow),
      });
      if (status !== 'converged') {
        throw new UserError(
          `The scores still change by ${residuals.at(-1)?.toExponential(1)} after ${maxIterations} ` +
            `iterations with alpha ${alpha}. Choose a smaller --alpha.`,
        );
      }
      return { scores: toFloat64(scores), residuals };
    },
    differentiate(weights, page, follow) {
      const coefficients = new Float64Array(options.nodes);
      coefficients[page] = 1;
      return differentiate(weights, coefficients, follow);
    },
    differentiateSum: (weights) => differentiate(weights, new Float64Array(options.nodes).fill(1)),
  };
}

function toFloat64(values: Tensor): Float64Array {
  return Float64Array.from(values.dataSync());
}
