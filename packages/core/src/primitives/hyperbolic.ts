import * as maths from '../kernel/maths/functions.ts';
import { tangentMul } from './arithmetic.ts';
import type { CallablePrimitive } from './define.ts';
import { smooth, smoothLaws } from './elementary.ts';
import type { Laws } from './for-laws.ts';
import { pointSamples } from './samples.ts';

type Unary = CallablePrimitive<1, object>;

/** Hyperbolic sine. */
export const sinh: Unary = smooth(maths.sinh, (x) => {
  const slope = cosh(x);
  return [sinh(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `sinh` to. */
export const sinhLaws: Laws = smoothLaws(sinh, Math.sinh, { from: -3, to: 3 }, [
  pointSamples('small and large arguments', [1e-10, -1e-5, 88, -700, 710.4, -711]),
]);

/** Hyperbolic cosine. */
export const cosh: Unary = smooth(maths.cosh, (x) => {
  const slope = sinh(x);
  return [cosh(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `cosh` to. */
export const coshLaws: Laws = smoothLaws(cosh, Math.cosh, { from: -3, to: 3 }, [
  pointSamples('small and large arguments', [1e-10, -1e-5, 88, -700, 710.4, -711]),
]);
