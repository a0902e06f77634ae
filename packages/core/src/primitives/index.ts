/** Every primitive of the core. A new one is added here and in its own file. */
export { add, crossMul, div, mul, neg, sub, tangentMul } from './arithmetic.ts';
export { barrier } from './barrier.ts';
export { bitcast } from './bitcast.ts';
export { shiftLeft, shiftRight, shiftRightLogical, xor } from './bitwise.ts';
export { broadcast } from './broadcast.ts';
export { butterfly } from './butterfly.ts';
export { cast } from './cast.ts';
export { cholesky } from './cholesky.ts';
export { and, eq, ge, gt, le, lt, ne, not, or } from './compare.ts';
export { concatenate } from './concatenate.ts';
export { convolve } from './convolve.ts';
export { iota } from './create.ts';
export { cumsum, recurrence } from './cumulative.ts';
export { dot } from './dot.ts';
export { dynamicSlice, dynamicUpdate } from './dynamic-slice.ts';
export { eigh } from './eigh.ts';
export {
  abs,
  cos,
  exp,
  expm1,
  floor,
  log,
  log1p,
  maximum,
  minimum,
  pow,
  sigmoid,
  sign,
  sin,
  sqrt,
  tan,
  tanh,
} from './elementary.ts';
export { erf, erfc, erfinv } from './error-function.ts';
export { argmax, argmin, cumargmax, cumargmin } from './extremum-position.ts';
export { digamma, lgamma, polygamma } from './gamma.ts';
export { logGammaDraw } from './gamma-draw.ts';
export { householderQr } from './householder-qr.ts';
export { cosh, sinh } from './hyperbolic.ts';
export { hypot } from './hypot.ts';
export { incompleteBeta } from './incomplete-beta.ts';
export { incompleteGamma } from './incomplete-gamma.ts';
export { acosh, asinh, atanh } from './inverse-hyperbolic.ts';
export { acos, asin, atan, atan2 } from './inverse-trigonometric.ts';
export { log2, log10 } from './logarithm-to-base.ts';
export { luFactor } from './lu-factor.ts';
export { mod } from './mod.ts';
export { named } from './named.ts';
export { pinv } from './pinv.ts';
export { pivotRows } from './pivot-rows.ts';
export { reduceAll, reduceAny, reduceMax, reduceMin, reduceSum } from './reduce.ts';
export { reshape } from './reshape.ts';
export { ceil, round } from './rounding.ts';
export { scatterMax, scatterMin, scatterSet } from './scatter.ts';
export { searchsorted } from './searchsorted.ts';
export { select } from './select.ts';
export { slice, sliceAdd } from './slice.ts';
export { softplus } from './softplus.ts';
export { permute, sortOrder } from './sort-order.ts';
export { checkedSolution } from './sparse/checked-solution.ts';
export { rowSums } from './sparse/row-sums.ts';
export { stopped } from './stop-gradient.ts';
export { svd } from './svd.ts';
export { scatterAdd, take } from './take.ts';
export { threefry } from './threefry.ts';
export { transpose } from './transpose.ts';
export { triangularSolve } from './triangular-solve.ts';
export { windows, windowsAdd } from './windows.ts';
