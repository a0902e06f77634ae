/** What the laws hold the primitives to. That of a new one is added here and in its own file. */
export {
  addLaws,
  crossMulLaws,
  divLaws,
  mulLaws,
  negLaws,
  subLaws,
  tangentMulLaws,
} from './arithmetic.ts';
export { barrierLaws } from './barrier.ts';
export { bitcastLaws } from './bitcast.ts';
export { shiftLeftLaws, shiftRightLaws, shiftRightLogicalLaws, xorLaws } from './bitwise.ts';
export { broadcastLaws } from './broadcast.ts';
export { butterflyLaws } from './butterfly.ts';
export { castLaws } from './cast.ts';
export { choleskyLaws } from './cholesky.ts';
export {
  andLaws,
  eqLaws,
  geLaws,
  gtLaws,
  leLaws,
  ltLaws,
  neLaws,
  notLaws,
  orLaws,
} from './compare.ts';
export { concatenateLaws } from './concatenate.ts';
export { convolveLaws } from './convolve.ts';
export { iotaLaws } from './create.ts';
export { cumsumLaws, recurrenceLaws } from './cumulative.ts';
export { dotLaws } from './dot.ts';
export { dynamicSliceLaws, dynamicUpdateLaws } from './dynamic-slice.ts';
export { eighLaws } from './eigh.ts';
export {
  absLaws,
  cosLaws,
  expLaws,
  expm1Laws,
  floorLaws,
  log1pLaws,
  logLaws,
  maximumLaws,
  minimumLaws,
  powLaws,
  sigmoidLaws,
  signLaws,
  sinLaws,
  sqrtLaws,
  tanhLaws,
  tanLaws,
} from './elementary.ts';
export { erfcLaws, erfinvLaws, erfLaws } from './error-function.ts';
export { argmaxLaws, argminLaws, cumargmaxLaws, cumargminLaws } from './extremum-position.ts';
export { digammaLaws, lgammaLaws, polygammaLaws } from './gamma.ts';
export { logGammaDrawLaws } from './gamma-draw.ts';
export { householderQrLaws } from './householder-qr.ts';
export { coshLaws, sinhLaws } from './hyperbolic.ts';
export { hypotLaws } from './hypot.ts';
export { incompleteBetaLaws } from './incomplete-beta.ts';
export { incompleteGammaLaws } from './incomplete-gamma.ts';
export { acoshLaws, asinhLaws, atanhLaws } from './inverse-hyperbolic.ts';
export { acosLaws, asinLaws, atan2Laws, atanLaws } from './inverse-trigonometric.ts';
export { log2Laws, log10Laws } from './logarithm-to-base.ts';
export { luFactorLaws } from './lu-factor.ts';
export { modLaws } from './mod.ts';
export { namedLaws } from './named.ts';
export { pinvLaws } from './pinv.ts';
export { pivotRowsLaws } from './pivot-rows.ts';
export {
  reduceAllLaws,
  reduceAnyLaws,
  reduceMaxLaws,
  reduceMinLaws,
  reduceSumLaws,
} from './reduce.ts';
export { reshapeLaws } from './reshape.ts';
export { ceilLaws, roundLaws } from './rounding.ts';
export { scatterMaxLaws, scatterMinLaws, scatterSetLaws } from './scatter.ts';
export { searchsortedLaws } from './searchsorted.ts';
export { selectLaws } from './select.ts';
export { sliceAddLaws, sliceLaws } from './slice.ts';
export { softplusLaws } from './softplus.ts';
export { permuteLaws, sortOrderLaws } from './sort-order.ts';
export { checkedSolutionLaws } from './sparse/checked-solution.ts';
export { factorSolveLaws } from './sparse/factor-solve.ts';
export { sparseCholeskyLaws, sparseLuLaws } from './sparse/factorize.ts';
export { incompleteLuLaws } from './sparse/incomplete-lu.ts';
export { rowSumsLaws } from './sparse/row-sums.ts';
export { triangularLaws } from './sparse/triangular.ts';
export { stoppedLaws } from './stop-gradient.ts';
export { svdLaws } from './svd.ts';
export { scatterAddLaws, takeLaws } from './take.ts';
export { threefryLaws } from './threefry.ts';
export { transposeLaws } from './transpose.ts';
export { triangularSolveLaws } from './triangular-solve.ts';
export { windowsAddLaws, windowsLaws } from './windows.ts';
