export {
  bitcast,
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  leftShift,
  rightShift,
  rightShiftLogical,
} from './bitwise.ts';
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv,
  convTranspose,
  type Padding,
} from './convolution.ts';
export { arange, type DTypeOption, eye, full, linspace, ones, zeros } from './create.ts';
export { type CumulativeOptions, cummax, cummin, cumprod, cumsum } from './cumulative.ts';
export { dynamicSlice, dynamicUpdateSlice, type SliceStart } from './dynamic-slice.ts';
export { einsum } from './einsum.ts';
export {
  abs,
  add,
  ceil,
  clip,
  cos,
  div,
  eq,
  exp,
  expm1,
  floor,
  ge,
  gt,
  isfinite,
  isinf,
  isnan,
  le,
  log,
  log1p,
  logicalAnd,
  logicalNot,
  logicalOr,
  lt,
  maximum,
  minimum,
  mod,
  mul,
  ne,
  neg,
  pow,
  relu,
  round,
  sigmoid,
  sign,
  sin,
  sqrt,
  square,
  sub,
  tan,
  tanh,
  where,
} from './elementwise.ts';
export { argmax, argmin, type PositionOptions } from './extremum-position.ts';
export { gather } from './gather.ts';
export { type GridSampleOptions, gridSample } from './grid-sample.ts';
export { segmentSum, type TakeOptions, take } from './index-by-tensor.ts';
export { oneHot, split, tile } from './join.ts';
export { dot, matmul } from './matmul.ts';
export { type MeshgridOptions, meshgrid } from './meshgrid.ts';
export { type NonzeroOptions, nonzero } from './nonzero.ts';
export { type PadOptions, type PadWidths, pad } from './pad.ts';
export { type AvgPoolOptions, avgPool, maxPool, type PoolOptions } from './pooling.ts';
export { median, quantile } from './quantile.ts';
export { all, any, max, mean, min, prod, sum } from './reduce.ts';
export { type ScatterOptions, scatter, segmentMax } from './scatter.ts';
export { searchsorted } from './searchsorted.ts';
export {
  type AxisIndex,
  type AxisRange,
  at,
  broadcastTo,
  concatenate,
  expandDims,
  flip,
  moveAxis,
  reshape,
  roll,
  slice,
  squeeze,
  stack,
  transpose,
} from './shape.ts';
export { argsort, type SortOptions, sort, topK } from './sort.ts';
export {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  betainc,
  cosh,
  digamma,
  erf,
  erfc,
  erfinv,
  gammainc,
  gammaincc,
  hypot,
  lgamma,
  log2,
  log10,
  polygamma,
  rsqrt,
  sinh,
  softplus,
} from './special.ts';
export {
  logSoftmax,
  logsumexp,
  softmax,
  std,
  type VarianceOptions,
  variance,
} from './statistics.ts';
export { fromNdarray, tensor } from './tensor.ts';
