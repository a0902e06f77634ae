/**
 * Tests of derivatives, for programs that use grad.
 *
 * @module
 */

export { type AllcloseOptions, allclose } from './allclose.ts';
export { type CheckGradsOptions, checkGrads, type Mode } from './check-grads.ts';
export { type DotProduct, dotProductTest } from './dot-product-test.ts';
export { GradientError } from './flat-function.ts';
export { gradMatchers, type MatcherResult } from './matchers.ts';
export { type TaylorOptions, type TaylorResult, taylorTest } from './taylor-test.ts';
