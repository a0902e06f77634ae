/**
 * Compositions with all that is known of them, for programs that hold them against limits.
 *
 * @module
 */

export type { Composition } from './composition.ts';
export { compositions } from './compositions/index.ts';
export { examine, type Findings } from './examine.ts';
export { measures } from './limits.ts';
