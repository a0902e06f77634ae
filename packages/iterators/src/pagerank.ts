import { type AsyncOptions, jit, type Tensor, type TensorLike, tensor } from '@grad/core';
import { distribution } from './distribution.ts';
import { checkWeights, type Edges, readEdges } from './edges.ts';
import { type Stationary, stationary, type Walk } from './random-walk.ts';

/** Options of `pagerank`. */
export interface PagerankOptions {
  /** Number of nodes; one more than the largest in an edge when left out. */
  readonly nodes?: number;
  /** Probability of following a link and not jumping, in [0, 1); 0.85 when left out. */
  readonly alpha?: number;
  /** Where jumps lead: numbers of 0 or more, one for each node, of which only the shares matter. */
  readonly personalization?: TensorLike;
  /** Where nodes without outgoing weight lead, in the same form; as jumps do when left out. */
  readonly dangling?: TensorLike;
  /** Change of the scores, as a sum of absolute values, to stop at; 1e-12 when left out. */
  readonly tol?: number;
  /** 1000 when left out. */
  readonly maxIterations?: number;
}

/** Scores of the nodes of a graph, and how the iteration came to them. */
export interface Pagerank {
  /** One for each node; they sum to 1. */
  readonly scores: Tensor;
  /**
   * The last change of the scores, as a sum of absolute values: the scores are wrong by at most
   * alpha / (1 - alpha) times as much. A tensor, for use inside `jit` and `vmap`.
   */
  readonly residual: Tensor;
  /** The change in each iteration. Like `iterations` and `status` not known inside `jit` and `vmap`. */
  readonly residuals: readonly number[];
  readonly iterations: number;
  /** `maxIterations` when the last change was still above `tol`. */
  readonly status: 'converged' | 'maxIterations';
}

/**
 * PageRank of the nodes of a weighted directed graph, by power iteration in one compiled loop.
 *
 * Weights are normalised here: only shares of a node's outgoing weight matter. Scores can be
 * differentiated in the weights, the personalization and the dangling distribution, in both modes
 * and any order, as the linear system that they solve: a gradient costs about one more solution,
 * whatever the number of edges. The derivative in an edge of a node without outgoing weight is 0.
 *
 * Edges are data. Weights are checked where they are known; inside `jit` and `vmap` they are not, and
 * are taken as they are.
 *
 * @param edges pairs `[from, to]` of node numbers from 0 on, n of them
 * @param weights shape [n], finite and 0 or more
 * @throws RangeError naming the edge whose node or weight is wrong, or the option.
 * @throws ShapeError when there is not one weight for each edge, or share for each node.
 * @see L. Page, S. Brin, R. Motwani and T. Winograd, "The PageRank citation ranking" (1999); for
 * dangling nodes A. Langville and C. Meyer, Internet Mathematics 1 (2004) 335.
 */
export function pagerank(
  edges: Edges,
  weights: TensorLike,
  options: PagerankOptions = {},
): Pagerank {
  const { limits, args } = prepare(edges, weights, options);
  return ranking(solve(...args), limits);
}

/**
 * The same, in slices between which other tasks have their turn; the bits are the same. Not to be
 * called while a transform records: there call `pagerank`, and `async` of what `jit` gives.
 *
 * @throws what `pagerank` throws and, in the promise, the reason of `signal`.
 */
pagerank.async = async (
  edges: Edges,
  weights: TensorLike,
  { signal, onProgress, ...options }: PagerankOptions & AsyncOptions = {},
): Promise<Pagerank> => {
  const { limits, args } = prepare(edges, weights, options);
  const how = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  return ranking(await solve.async(args, how), limits);
};

/** Checks the arguments of `pagerank` and lays out those of `solve`. */
function prepare(
  edges: Edges,
  weights: TensorLike,
  {
    nodes,
    alpha = 0.85,
    personalization,
    dangling = personalization,
    tol = 1e-12,
    maxIterations = 1000,
  }: PagerankOptions,
): { readonly limits: Limits; readonly args: Parameters<typeof solve> } {
  if (!(alpha >= 0 && alpha < 1)) {
    throw new RangeError(`pagerank: alpha is ${alpha}; it must be at least 0 and less than 1.`);
  }
  if (!(tol >= 0)) throw new RangeError(`pagerank: tol is ${tol}; it must be 0 or more.`);
  if (!Number.isInteger(maxIterations) || maxIterations < 1) {
    throw new RangeError(
      `pagerank: maxIterations is ${maxIterations}; give a whole number of 1 or more.`,
    );
  }
  const graph = readEdges('pagerank', edges, nodes);
  const edgeWeights = tensor(weights, { dtype: 'float64' });
  checkWeights('pagerank', graph, edgeWeights);
  const walk = {
    from: graph.from,
    to: graph.to,
    weights: edgeWeights,
    jumps: distribution('pagerank: the personalization', personalization, graph.nodes),
    dangling: distribution('pagerank: the dangling distribution', dangling, graph.nodes),
    alpha,
    tol,
    derivativeSteps: stepsToRounding(alpha),
  };
  return { limits: { tol, maxIterations }, args: [walk, graph.nodes, maxIterations] };
}

/** What ends the iteration. */
type Limits = Required<Pick<PagerankOptions, 'tol' | 'maxIterations'>>;

function ranking(
  { scores, residual, iterations, residuals }: Stationary,
  { tol, maxIterations }: Limits,
): Pagerank {
  return {
    scores,
    residual,
    get residuals() {
      return Array.from(residuals.at([0, iterations.item()]).dataSync());
    },
    get iterations() {
      return iterations.item();
    },
    get status() {
      const converged = iterations.item() < maxIterations || residual.item() <= tol;
      return converged ? 'converged' : 'maxIterations';
    },
  };
}

const solve = jit(
  (walk: Walk, nodes: number, maxIterations: number): Stationary =>
    stationary(walk, nodes, maxIterations),
  { staticArgs: [1, 2] },
);

/** Steps after which a contraction by alpha has brought a change below the rounding of the sum. */
function stepsToRounding(alpha: number): number {
  return alpha === 0 ? 1 : Math.ceil(Math.log(Number.EPSILON * (1 - alpha)) / Math.log(alpha));
}
