// Light through a glowing fog. Along a ray the radiance that arrives is
//
//   C = integral of T(t) s(t) c(t) dt,   T(t) = exp(-integral from 0 to t of s),
//
// for a density s (the chance of meeting something, per length) and colors c. With both constant on intervals
// of widths d_i the integral is exact:
//
//   C = sum_i T_i (1 - exp(-s_i d_i)) c_i,   T_i = exp(-sum_{j<i} s_j d_j),
//
// so that a constant density gives c (1 - exp(-s L)) for any number of intervals.
import { cumsum, exp, expm1, type Tensor, type TensorLike, tensor } from '@grad/core';
import { checkValues } from './check.ts';

/** What a ray through a volume gives. */
export interface Composite {
  /** Radiance, `[..., channels]`. */
  readonly color: Tensor;
  /** 1 - T at the end of the ray, `[...]`. */
  readonly opacity: Tensor;
  /** What each interval adds, `[..., n]`; their sum is the opacity. */
  readonly weights: Tensor;
}

/**
 * Emission and absorption along rays, front to back, exact for density and color that are constant on intervals.
 *
 * @param density per length, 0 or more, `[..., n]`
 * @param color `[..., n, channels]`
 * @param widths lengths of the intervals, which broadcast to the shape of the density
 * @throws RangeError when a density or width is below 0.
 * @see Max, Optical models for direct volume rendering, IEEE TVCG 1 (1995); Mildenhall et al., NeRF, ECCV 2020,
 *   equation 3.
 */
export function composite(density: TensorLike, color: TensorLike, widths: TensorLike): Composite {
  const [s, c, d] = [tensor(density), tensor(color), tensor(widths)];
  checkValues('composite', 'the density', s, 'give 0 or more', (x) => x >= 0);
  checkValues('composite', 'the widths', d, 'give 0 or more', (x) => x >= 0);
  const depth = s.mul(d);
  const before = cumsum(depth, { axis: -1 }).sub(depth);
  const weights = exp(before.neg()).mul(expm1(depth.neg()).neg());
  return {
    color: weights.expandDims(-1).mul(c).sum({ axis: -2 }),
    opacity: expm1(depth.sum({ axis: -1 }).neg()).neg(),
    weights,
  };
}
