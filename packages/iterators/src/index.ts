/**
 * Fixed points with derivatives from the equation and not from the iterations.
 *
 * @module
 */

export type { Edges } from './edges.ts';
export { type Cnf, type CnfOptions, cnf, type FlowState } from './flow/cnf.ts';
export { type Deq, type DeqOptions, deq } from './flow/deq.ts';
export { type NeuralOde, type NeuralOdeOptions, neuralOde } from './flow/neural-ode.ts';
export { type BetheState, bethe } from './ising/bethe.ts';
export { type ExactIsing, exactIsing } from './ising/exact-ising.ts';
export { meanField } from './ising/mean-field.ts';
export type { IsingOptions, IsingProblem, IsingState } from './ising/spin-problem.ts';
export { tap } from './ising/tap.ts';
export { kepler } from './kepler.ts';
export { type Pagerank, type PagerankOptions, pagerank } from './pagerank.ts';
export type { SearchEnd, SearchOptions, WithStatus } from './search.ts';
export { type SinkhornOptions, sinkhorn, type Transport } from './sinkhorn.ts';
