import * as maths from '../kernel/maths/functions.ts';
import { binary, compare, constant, math, select, unary } from '../kernel/scalars.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, div, mul, neg, sub, tangentMul } from './arithmetic.ts';
import { gt } from './compare.ts';
import { filledLike } from './create.ts';
import type { CallablePrimitive, Sample, TangentMap } from './define.ts';
import { elementwise, elementwiseLaws } from './elementwise.ts';
import type { Laws } from './for-laws.ts';
import { pointSamples, rangeSamples, specialPairs, specials } from './samples.ts';
import { select as selectOf } from './select.ts';

type Unary = CallablePrimitive<1, object>;

/** A smooth function of floats whose tangent map is multiplication by its derivative. */
/* @__NO_SIDE_EFFECTS__ */
export function smooth(
  fn: maths.FloatFunction | 'sqrt',
  linearize: (x: Tensor) => readonly [Tensor, TangentMap],
): Unary {
  return elementwise({
    name: fn === 'sqrt' ? fn : fn.name,
    arity: 1,
    accepts: 'float',
    linearize: ([x]) => linearize(x),
    cost: fn === 'sqrt' ? 'cheap' : 'math',
    lower: ([x]) => (fn === 'sqrt' ? unary(fn, x) : math(fn, x)),
  });
}

/** What the laws hold a smooth function to, at values in a domain, special ones, and more. */
/* @__NO_SIDE_EFFECTS__ */
export function smoothLaws(
  primitive: Unary,
  reference: (x: number) => number,
  domain: { readonly from: number; readonly to: number },
  more: readonly Sample<object>[] = [],
): Laws {
  const samples = (): Sample<object>[] => [
    ...rangeSamples(domain),
    pointSamples('special values', specials),
    ...more,
  ];
  return elementwiseLaws<1>(primitive, { reference: ([x]) => reference(x), samples });
}

/** Square root; NaN below 0. */
export const sqrt: Unary = smooth('sqrt', (x) => {
  const root = sqrt(x);
  const slope = div(filledLike(x, 0.5), root);
  return [root, (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `sqrt` to. */
export const sqrtLaws: Laws = smoothLaws(sqrt, Math.sqrt, { from: 0.1, to: 9 });

/** e^x. */
export const exp: Unary = smooth(maths.exp, (x) => {
  const y = exp(x);
  return [y, (dx) => tangentMul(y, dx)];
});

/** What the laws hold `exp` to. */
export const expLaws: Laws = smoothLaws(exp, Math.exp, { from: -5, to: 5 }, [
  pointSamples('large arguments', [-745, -700, 88.5, 700, 709.7, -87.4]),
]);

/** e^x - 1, accurate near 0. */
export const expm1: Unary = smooth(maths.expm1, (x) => {
  const y = expm1(x);
  return [y, (dx) => tangentMul(exp(x), dx)];
});

/** What the laws hold `expm1` to. */
export const expm1Laws: Laws = smoothLaws(expm1, Math.expm1, { from: -3, to: 3 }, [
  pointSamples('small arguments', [1e-10, -1e-10, 1e-20]),
]);

/** Natural logarithm; -Infinity at 0, NaN below. */
export const log: Unary = smooth(maths.log, (x) => {
  const slope = div(filledLike(x, 1), x);
  return [log(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `log` to. */
export const logLaws: Laws = smoothLaws(log, Math.log, { from: 0.1, to: 9 }, [
  pointSamples('near 1', [1 - 2e-8, 1 + 2e-8, 0.999, 1.001]),
]);

/** log(1 + x), accurate near 0. */
export const log1p: Unary = smooth(maths.log1p, (x) => {
  const slope = div(filledLike(x, 1), add(x, filledLike(x, 1)));
  return [log1p(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `log1p` to. */
export const log1pLaws: Laws = smoothLaws(log1p, Math.log1p, { from: -0.8, to: 5 }, [
  pointSamples('small arguments', [1e-10, -1e-10, 1e-20]),
]);

/** Sine of radians. */
export const sin: Unary = smooth(maths.sin, (x) => {
  const slope = cos(x);
  return [sin(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `sin` to. */
export const sinLaws: Laws = smoothLaws(sin, Math.sin, { from: -9, to: 9 }, [
  pointSamples('large arguments', [1e4, -12345.678, 1e5]),
]);

/** Cosine of radians. */
export const cos: Unary = smooth(maths.cos, (x) => {
  const slope = neg(sin(x));
  return [cos(x), (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `cos` to. */
export const cosLaws: Laws = smoothLaws(cos, Math.cos, { from: -9, to: 9 }, [
  pointSamples('large arguments', [1e4, -12345.678, 1e5]),
]);

/** Tangent of radians. */
export const tan: Unary = smooth(maths.tan, (x) => {
  const y = tan(x);
  const slope = add(mul(y, y), filledLike(x, 1));
  return [y, (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `tan` to. */
export const tanLaws: Laws = smoothLaws(tan, Math.tan, { from: -1.2, to: 1.2 });

/** Hyperbolic tangent. */
export const tanh: Unary = smooth(maths.tanh, (x) => {
  const y = tanh(x);
  const one = filledLike(x, 1);
  const slope = mul(sub(one, y), add(one, y));
  return [y, (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `tanh` to. */
export const tanhLaws: Laws = smoothLaws(tanh, Math.tanh, { from: -3, to: 3 }, [
  pointSamples('small and large arguments', [1e-10, -1e-5, 20, -40]),
]);

/** 1 / (1 + e^-x). */
export const sigmoid: Unary = smooth(maths.sigmoid, (x) => {
  const y = sigmoid(x);
  const slope = mul(y, sigmoid(neg(x)));
  return [y, (dx) => tangentMul(slope, dx)];
});

/** What the laws hold `sigmoid` to. */
export const sigmoidLaws: Laws = smoothLaws(
  sigmoid,
  (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  { from: -5, to: 5 },
);

/** x^y on floats, NaN for a negative x and a fractional y. */
export const pow: CallablePrimitive<2, object> = elementwise({
  name: 'pow',
  arity: 2,
  accepts: 'float',
  linearize: ([x, y]) => {
    const power = pow(x, y);
    const slope = mul(y, pow(x, sub(y, filledLike(y, 1))));
    const positive = gt(x, filledLike(x, 0));
    const logarithm = log(selectOf(positive, x, filledLike(x, 1)));
    return [power, (dx) => tangentMul(slope, dx), (dy) => tangentMul(mul(power, logarithm), dy)];
  },
  cost: 'math',
  lower: ([x, y]) => math(maths.pow, x, y),
});

/** What the laws hold `pow` to. */
export const powLaws: Laws = elementwiseLaws<2>(pow, {
  reference: ([x, y]) =>
    x === 1 || y === 0
      ? 1
      : Math.abs(x) === 1 && Number.isFinite(y) === false && !Number.isNaN(y)
        ? 1
        : x ** y,
  samples: () => [
    ...rangeSamples({ from: 0.2, to: 3 }, { from: -2, to: 2 }),
    pointSamples('special values', ...specialPairs),
  ],
});

/** |x|. */
export const abs: Unary = elementwise({
  name: 'abs',
  arity: 1,
  accepts: 'number',
  linearize: ([x]) => {
    if (x.dtype === 'int32') return [abs(x), null];
    const slope = sign(x);
    return [abs(x), (dx) => tangentMul(slope, dx)];
  },
  lower: ([x]) => unary('abs', x),
});

/** What the laws hold `abs` to. */
export const absLaws: Laws = elementwiseLaws<1>(abs, {
  reference: ([x]) => Math.abs(x),
  samples: () => [
    ...rangeSamples({ from: 0.1, to: 3 }),
    ...rangeSamples({ dtype: 'int32', from: -9, to: 9 }),
    pointSamples('special values', specials),
  ],
});

/** -1, 0 or 1 by the sign of x; NaN and signed zeros pass through. Its derivative is 0. */
export const sign: Unary = elementwise({
  name: 'sign',
  arity: 1,
  accepts: 'number',
  linearize: ([x]) => [sign(x), null],
  lower: ([x]) => {
    const zero = constant(x.type, 0);
    const negative = select(compare('lt', x, zero), constant(x.type, -1), x);
    return select(compare('gt', x, zero), constant(x.type, 1), negative);
  },
});

/** What the laws hold `sign` to. */
export const signLaws: Laws = elementwiseLaws<1>(sign, {
  reference: ([x]) => Math.sign(x),
  samples: () => [
    ...rangeSamples({ from: 0.1, to: 3 }),
    ...rangeSamples({ dtype: 'int32', from: -9, to: 9 }),
    pointSamples('special values', specials),
  ],
});

/** Largest whole number not above x. Its derivative is 0. */
export const floor: Unary = elementwise({
  name: 'floor',
  arity: 1,
  accepts: 'float',
  linearize: ([x]) => [floor(x), null],
  lower: ([x]) => unary('floor', x),
});

/** What the laws hold `floor` to. */
export const floorLaws: Laws = elementwiseLaws<1>(floor, {
  reference: ([x]) => Math.floor(x),
  samples: () => [
    ...rangeSamples({ from: 0.1, to: 0.9 }),
    pointSamples('special values', specials),
  ],
});

/* @__NO_SIDE_EFFECTS__ */
function extremumOf(name: 'maximum' | 'minimum'): CallablePrimitive<2, object> {
  const max = name === 'maximum';
  return elementwise({
    name,
    arity: 2,
    accepts: 'number',
    linearize: ([x, y]) => {
      const self = max ? maximum : minimum;
      const result = self(x, y);
      if (x.dtype === 'int32') return [result, null, null];
      const [one, half, zero] = [1, 0.5, 0].map((value) => filledLike(x, value));
      if (!one || !half || !zero) throw new Error('unreachable');
      const unlessTied = selectOf(gt(y, x), max ? zero : one, half);
      const first = selectOf(gt(x, y), max ? one : zero, unlessTied);
      return [result, (dx) => tangentMul(first, dx), (dy) => tangentMul(sub(one, first), dy)];
    },
    lower: ([x, y]) => binary(max ? 'max' : 'min', x, y),
  });
}

/* @__NO_SIDE_EFFECTS__ */
function extremumLaws(
  primitive: CallablePrimitive<2, object>,
  choose: (x: number, y: number) => number,
): Laws {
  return elementwiseLaws<2>(primitive, {
    reference: ([x, y]) => choose(x, y),
    samples: () => [
      ...rangeSamples({ from: 0, to: 1 }, { from: 2, to: 3 }),
      ...rangeSamples({ from: 2, to: 3 }, { from: 0, to: 1 }),
      ...rangeSamples({ dtype: 'int32', from: -9, to: 9 }, { dtype: 'int32', from: -9, to: 9 }),
      pointSamples('special values', ...specialPairs),
    ],
  });
}

/** The larger of two; NaN when one is NaN; equal operands share the derivative equally. */
export const maximum: CallablePrimitive<2, object> = extremumOf('maximum');

/** What the laws hold `maximum` to. */
export const maximumLaws: Laws = extremumLaws(maximum, Math.max);

/** The smaller of two; NaN when one is NaN; equal operands share the derivative equally. */
export const minimum: CallablePrimitive<2, object> = extremumOf('minimum');

/** What the laws hold `minimum` to. */
export const minimumLaws: Laws = extremumLaws(minimum, Math.min);
