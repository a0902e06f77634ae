/**
 * Fixed points with derivatives from the equation and not from the iterations.
 *
 * @module
 */

export type { Edges } from './edges.ts';
export { type Pagerank, type PagerankOptions, pagerank } from './pagerank.ts';
