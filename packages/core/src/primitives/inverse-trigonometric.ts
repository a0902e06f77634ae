import * as maths from '../kernel/maths/functions.ts';
import { math } from '../kernel/scalars.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, div, mul, neg, sub, tangentMul } from './arithmetic.ts';
import { filledLike } from './create.ts';
import type { CallablePrimitive } from './define.ts';
import { abs, maximum, smooth, smoothLaws, sqrt } from './elementary.ts';
import { elementwise, elementwiseLaws } from './elementwise.ts';
import type { Laws } from './for-laws.ts';
import { pointSamples, rangeSamples, specialPairs } from './samples.ts';
import { stopped } from './stop-gradient.ts';

type Unary = CallablePrimitive<1, object>;

/** 1 / sqrt(1 - x^2), which keeps its digits near 1. */
function slopeOfArcs(x: Tensor): Tensor {
  const one = filledLike(x, 1);
  return div(one, sqrt(mul(sub(one, x), add(one, x))));
}

/** Angle in [-pi/2, pi/2] of a sine; NaN outside [-1, 1]. */
export const asin: Unary = smooth(maths.asin, (x) => {
  const slope = slopeOfArcs(x);
  return [asin(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `asin` to. */
export const asinLaws: Laws = smoothLaws(asin, Math.asin, { from: -0.9, to: 0.9 }, [
  pointSamples('near the ends', [0.5, -0.5, 0.999999, 1 - 1e-12, -1 + 1e-9, 1.5]),
]);

/** Angle in [0, pi] of a cosine; NaN outside [-1, 1]. */
export const acos: Unary = smooth(maths.acos, (x) => {
  const slope = neg(slopeOfArcs(x));
  return [acos(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `acos` to. */
export const acosLaws: Laws = smoothLaws(acos, Math.acos, { from: -0.9, to: 0.9 }, [
  pointSamples('near the ends', [0.5, -0.5, 0.999999, 1 - 1e-12, -1 + 1e-9, 1.5]),
]);

/** Angle in [-pi/2, pi/2] of a tangent. */
export const atan: Unary = smooth(maths.atan, (x) => {
  const one = filledLike(x, 1);
  const slope = div(one, add(one, mul(x, x)));
  return [atan(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `atan` to. */
export const atanLaws: Laws = smoothLaws(atan, Math.atan, { from: -4, to: 4 }, [
  pointSamples('small and large arguments', [1e-10, -1e-5, 20, -1e30]),
]);

/** Angle in [-pi, pi] of the point (x, y), given as (y, x). */
export const atan2: CallablePrimitive<2, object> = elementwise({
  name: 'atan2',
  arity: 2,
  accepts: 'float',
  linearize: ([y, x]) => {
    // The slopes are homogeneous, so that the scale, which keeps squares finite, has no derivative.
    const scale = stopped(maximum(abs(x), abs(y)));
    const [v, u] = [div(y, scale), div(x, scale)];
    const square = mul(scale, add(mul(u, u), mul(v, v)));
    const [rising, falling] = [div(u, square), neg(div(v, square))];
    return [atan2(y, x), (dy) => tangentMul(rising, dy), (dx) => tangentMul(falling, dx)];
  },
  cost: 'math',
  lower: ([y, x]) => math(maths.atan2, y, x),
});

/** What the laws hold `atan2` to. */
export const atan2Laws: Laws = elementwiseLaws<2>(atan2, {
  reference: ([y, x]) => Math.atan2(y, x),
  samples: () => [
    ...rangeSamples({ from: -3, to: 3 }, { from: 0.5, to: 3 }),
    ...rangeSamples({ from: 0.5, to: 3 }, { from: -3, to: 3 }),
    ...rangeSamples({ from: -3, to: -0.5 }, { from: -3, to: -0.5 }),
    pointSamples('special values', ...specialPairs),
  ],
});
