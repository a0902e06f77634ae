// How much of a pixel lies on one side of a straight line. With a value s at the middle of the pixel and slopes
// g = (gx, gy) per pixel, the share of the unit square where s + g . x < 0 is the integral of a trapezoid: the
// convolution of two boxes of widths |gx| and |gy|. Written with r(x) = max(x, 0)^2 / 2 it is
//
//   1 - [r(s + p) - r(s + m) - r(s - m) + r(s - p)] / (|gx| |gy|),   p, m = (|gx| +- |gy|) / 2.
//
// Shares of neighbouring pixels add up to the area beside the line exactly, whatever its angle, and so do their
// derivatives to that of the area. This is what makes gradients at outlines right.
import { abs, clip, type Tensor, where } from '@grad/core';

/** The share of pixels `[...]` where a function with these values and slopes at their middles is below 0. */
export function pixelCoverage(value: Tensor, slopeX: Tensor, slopeY: Tensor): Tensor {
  const [x, y] = [abs(slopeX), abs(slopeY)];
  const largest = x.maximum(y);
  // A line along an axis would divide by 0: its angle is kept off by a hundredth of a degree.
  const steepest = where(largest.eq(0), 1, largest);
  const smallest = x.minimum(y).maximum(steepest.mul(2e-4));
  const [outer, inner] = [steepest.add(smallest).div(2), steepest.sub(smallest).div(2)];
  const s = clip(value, outer.neg(), outer);
  const r = (a: Tensor): Tensor => a.relu().square().div(2);
  const above = r(s.add(outer))
    .sub(r(s.add(inner)))
    .sub(r(s.sub(inner)))
    .add(r(s.sub(outer)));
  const share = above.div(steepest.mul(smallest)).neg().add(1);
  return where(largest.eq(0), where(value.lt(0), 1, 0), share);
}
