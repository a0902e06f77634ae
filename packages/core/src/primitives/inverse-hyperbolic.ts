import type { Expr } from '../kernel/expr.ts';
import * as maths from '../kernel/maths/functions.ts';
import { binary, compare, constant, math, select, unary } from '../kernel/scalars.ts';
import { add, div, mul, sub, tangentMul } from './arithmetic.ts';
import { filledLike } from './create.ts';
import type { CallablePrimitive } from './define.ts';
import { sqrt } from './elementary.ts';
import { elementwise, elementwiseLaws } from './elementwise.ts';
import type { Laws } from './for-laws.ts';
import { hypot } from './hypot.ts';
import { pointSamples, rangeSamples, specials } from './samples.ts';

type Unary = CallablePrimitive<1, object>;

/**
 * log(x + sqrt(x^2 ± 1)), given what x + sqrt(x^2 ± 1) exceeds 1 by; from some size on log(2 x), where the square may
 * overflow and the 1 is below rounding.
 */
function logOfSum(x: Expr, excess: Expr): Expr {
  const large = compare('gt', x, constant(x.type, x.type === 'float32' ? 2 ** 13 : 2 ** 28));
  const less = binary('sub', x, constant(x.type, 1));
  const y = math(maths.log1p, select(large, less, excess));
  return select(large, binary('add', y, constant(x.type, Math.LN2)), y);
}

/** The number whose hyperbolic sine is x: log(x + sqrt(x^2 + 1)). */
export const asinh: Unary = elementwise({
  name: 'asinh',
  arity: 1,
  accepts: 'float',
  linearize: ([x]) => {
    const one = filledLike(x, 1);
    const slope = div(one, hypot(x, one));
    return [asinh(x), (dx) => tangentMul(slope, dx)];
  },
  cost: 'math',
  lower: ([x]) => {
    const [size, one] = [unary('abs', x), constant(x.type, 1)];
    const square = binary('mul', size, size);
    const root = unary('sqrt', binary('add', square, one));
    // |x| + sqrt(x^2 + 1) - 1, where the difference of the last two would lose digits.
    const excess = binary('add', size, binary('div', square, binary('add', one, root)));
    return binary('copysign', logOfSum(size, excess), x);
  },
});

/** What the laws hold `asinh` to. */
export const asinhLaws: Laws = elementwiseLaws<1>(asinh, {
  reference: ([x]) => Math.asinh(x),
  samples: () => [
    ...rangeSamples({ from: -4, to: 4 }),
    pointSamples('special values', specials),
    pointSamples('small and large arguments', [1e-10, -1e-5, 8191, -8193, 3e8, 1e200, -1e300]),
  ],
});

/** The number from 0 on whose hyperbolic cosine is x: log(x + sqrt(x^2 - 1)); NaN below 1. */
export const acosh: Unary = elementwise({
  name: 'acosh',
  arity: 1,
  accepts: 'float',
  linearize: ([x]) => {
    const one = filledLike(x, 1);
    const slope = div(one, mul(sqrt(sub(x, one)), sqrt(add(x, one))));
    return [acosh(x), (dx) => tangentMul(slope, dx)];
  },
  cost: 'math',
  lower: ([x]) => {
    const one = constant(x.type, 1);
    const above = binary('sub', x, one);
    const root = unary('sqrt', binary('mul', above, binary('add', x, one)));
    const y = logOfSum(x, binary('add', above, root));
    return select(compare('lt', x, one), constant(x.type, Number.NaN), y);
  },
});

/** What the laws hold `acosh` to. */
export const acoshLaws: Laws = elementwiseLaws<1>(acosh, {
  reference: ([x]) => Math.acosh(x),
  samples: () => [
    ...rangeSamples({ from: 1.1, to: 5 }),
    pointSamples('special values', specials),
    pointSamples('near 1 and large arguments', [1 + 1e-6, 1 + 1e-12, -2, 8193, 3e8, 1e200]),
  ],
});

/** The number whose hyperbolic tangent is x: log((1 + x) / (1 - x)) / 2; infinite at -1 and 1, NaN beyond. */
export const atanh: Unary = elementwise({
  name: 'atanh',
  arity: 1,
  accepts: 'float',
  linearize: ([x]) => {
    const one = filledLike(x, 1);
    const slope = div(one, mul(sub(one, x), add(one, x)));
    return [atanh(x), (dx) => tangentMul(slope, dx)];
  },
  cost: 'math',
  lower: ([x]) => {
    const size = unary('abs', x);
    const rest = binary('sub', constant(x.type, 1), size);
    const y = math(maths.log1p, binary('div', binary('add', size, size), rest));
    return binary('copysign', binary('mul', y, constant(x.type, 0.5)), x);
  },
});

/** What the laws hold `atanh` to. */
export const atanhLaws: Laws = elementwiseLaws<1>(atanh, {
  reference: ([x]) => Math.atanh(x),
  samples: () => [
    ...rangeSamples({ from: -0.9, to: 0.9 }),
    pointSamples('special values', specials),
    pointSamples('near 0 and the ends', [1e-10, -1e-5, 0.5, -0.5, 1 - 1e-7, 1e-12 - 1, 2]),
  ],
});
