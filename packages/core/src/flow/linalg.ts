/**
 * Dense linear algebra on matrices in the last two axes, batches of them before. Every function can be
 * differentiated in both modes and mapped.
 */

export * from '../functions/linalg/index.ts';
export { matrixFunction } from '../transforms/matrix-function.ts';
export { expm } from './expm.ts';
