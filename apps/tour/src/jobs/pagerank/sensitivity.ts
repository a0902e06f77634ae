import type { LinkGraph } from './link-graph.ts';

/** A link and what one more unit of its weight does to the target's score. */
export interface LinkEffect {
  /** Position among the links of the graph. */
  readonly link: number;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly derivative: number;
}

/** The `count` links with the largest derivatives, of either sign; earlier links first among equals. */
export function strongestLinks(
  graph: LinkGraph,
  derivatives: Float64Array,
  count: number,
): LinkEffect[] {
  return Array.from(derivatives, (_, link) => link)
    .sort((a, b) => magnitude(derivatives, b) - magnitude(derivatives, a))
    .slice(0, count)
    .map((link) => ({
      link,
      from: graph.from[link] ?? 0,
      to: graph.to[link] ?? 0,
      weight: graph.weights[link] ?? 0,
      derivative: derivatives[link] ?? 0,
    }));
}

/** The `count` pages with the largest scores, best first. */
export function topPages(scores: Float64Array, count: number): number[] {
  return Array.from(scores, (_, page) => page)
    .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
    .slice(0, count);
}

function magnitude(values: Float64Array, index: number): number {
  return Math.abs(values[index] ?? 0);
}
