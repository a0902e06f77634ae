/**
 * Minimizers of differentiable functions.
 *
 * @module
 */

export {
  type LbfgsIteration,
  type LbfgsOptions,
  lbfgs,
  type Minimum,
  type MinimumStatus,
} from './lbfgs.ts';
