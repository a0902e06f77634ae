/**
 * The evals, for programs that run them without the protocol.
 *
 * @module
 */

export { type Observations, pattern, residuals, type Unknowns } from './evals/ba.ts';
export { evals } from './evals/index.ts';
export { Input } from './input.ts';
