import * as maths from '../kernel/maths/functions.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { mul, neg, tangentMul } from './arithmetic.ts';
import { filledLike } from './create.ts';
import type { CallablePrimitive } from './define.ts';
import { exp, smooth, smoothLaws } from './elementary.ts';
import type { Laws } from './for-laws.ts';
import * as reference from './reference-math.ts';
import { pointSamples } from './samples.ts';

type Unary = CallablePrimitive<1, object>;

/** 2 e^(-x^2) / sqrt(pi) */
function bell(x: Tensor): Tensor {
  return mul(filledLike(x, 1.1283791670955126), exp(neg(mul(x, x))));
}

/** The error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x. */
export const erf: Unary = smooth(maths.erf, (x) => {
  const slope = bell(x);
  return [erf(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `erf` to. */
export const erfLaws: Laws = smoothLaws(erf, reference.erf, { from: -2.4, to: 2.4 }, [
  pointSamples('small and large arguments', [1e-10, -1e-5, 0.5, 3.5, -5.9, 20]),
]);

/** 1 - erf(x), accurate where erf(x) is near 1. */
export const erfc: Unary = smooth(maths.erfc, (x) => {
  const slope = neg(bell(x));
  return [erfc(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `erfc` to. */
export const erfcLaws: Laws = smoothLaws(erfc, reference.erfc, { from: -2.4, to: 2.4 }, [
  pointSamples('small and large arguments', [1e-10, 0.25, 3.5, -5.9, 9.9, 26.4, 30]),
]);

/** The x with erf(x) = y; infinite at -1 and 1, NaN beyond. */
export const erfinv: Unary = smooth(maths.erfinv, (y) => {
  const x = erfinv(y);
  const slope = mul(filledLike(y, 0.886226925452758), exp(mul(x, x)));
  return [x, (dy) => tangentMul(slope, dy)];
});

/** What the laws hold `erfinv` to. */
export const erfinvLaws: Laws = smoothLaws(erfinv, reference.erfinv, { from: -0.9, to: 0.9 }, [
  pointSamples('small arguments and near the ends', [1e-10, 0.5, 0.9999, -1 + 1e-7, 2]),
]);
