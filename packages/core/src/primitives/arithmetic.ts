import { binary, compare, constant, select, unary } from '../kernel/scalars.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { isLinear } from './cotangent.ts';
import { filledLike } from './create.ts';
import type { CallablePrimitive, Sample } from './define.ts';
import { elementwise } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { pointSamples, rangeSamples, specialPairs, specials } from './samples.ts';

type Unary = CallablePrimitive<1, object>;
type Binary = CallablePrimitive<2, object>;

const pair = { from: -3, to: 3 };
const integers = { dtype: 'int32', from: -9, to: 9 } as const;

function binarySamples(): Sample<object>[] {
  return [
    ...rangeSamples(pair, pair),
    ...rangeSamples(integers, integers),
    pointSamples('special values', ...specialPairs),
  ];
}

/** x + y. */
export const add: Binary = elementwise({
  name: 'add',
  arity: 2,
  accepts: 'number',
  linearize: ([x, y]) => [add(x, y), (dx) => dx, (dy) => dy],
  transpose: (ct, operands) => {
    for (const operand of operands) if (isLinear(operand)) operand.add(ct);
  },
  lower: ([x, y]) => binary('add', x, y),
  reference: ([x, y]) => x + y,
});

/** What the laws hold `add` to. */
export const addLaws: Laws = forLaws<2, object>(add, {
  samples: () => binarySamples(),
});

/** x - y. */
export const sub: Binary = elementwise({
  name: 'sub',
  arity: 2,
  accepts: 'number',
  linearize: ([x, y]) => [sub(x, y), (dx) => dx, (dy) => neg(dy)],
  transpose: (ct, [x, y]) => {
    if (isLinear(x)) x.add(ct);
    if (isLinear(y)) y.add(neg(ct));
  },
  lower: ([x, y]) => binary('sub', x, y),
  reference: ([x, y]) => x - y,
});

/** What the laws hold `sub` to. */
export const subLaws: Laws = forLaws<2, object>(sub, {
  samples: () => binarySamples(),
});

/** -x. */
export const neg: Unary = elementwise({
  name: 'neg',
  arity: 1,
  accepts: 'number',
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x]) => {
    if (isLinear(x)) x.add(neg(ct));
  },
  lower: ([x]) => unary('neg', x),
  reference: ([x]) => -x,
});

/** What the laws hold `neg` to. */
export const negLaws: Laws = forLaws<1, object>(neg, {
  samples: () => [
    ...rangeSamples(pair),
    ...rangeSamples(integers),
    pointSamples('special values', specials),
  ],
});

/** x y. Its derivatives use `tangentMul`, so that an unused branch cannot make NaN of a zero. */
export const mul: Binary = elementwise({
  name: 'mul',
  arity: 2,
  accepts: 'number',
  linearize: ([x, y]) => [mul(x, y), (dx) => tangentMul(y, dx), (dy) => tangentMul(x, dy)],
  transpose: (ct, [x, y]) => {
    if (isLinear(x) && !isLinear(y)) x.add(mul(ct, y));
    if (isLinear(y) && !isLinear(x)) y.add(mul(x, ct));
  },
  lower: ([x, y]) => binary('mul', x, y),
  reference: ([x, y], dtype) => (dtype === 'int32' ? Math.imul(x, y) : x * y),
});

/** What the laws hold `mul` to. */
export const mulLaws: Laws = forLaws<2, object>(mul, {
  samples: () => binarySamples(),
});

/**
 * coefficient * tangent, and 0 where the tangent is 0, whatever the coefficient: a derivative that
 * does not matter stays out of the result even where its coefficient is infinite or NaN.
 */
export const tangentMul: Binary = elementwise({
  name: 'tangentMul',
  arity: 2,
  accepts: 'float',
  linearize: ([coefficient, tangent]) => [
    tangentMul(coefficient, tangent),
    (dc) => crossMul(tangent, dc),
    (dt) => tangentMul(coefficient, dt),
  ],
  transpose: (ct, [coefficient, tangent]) => {
    if (isLinear(tangent) && !isLinear(coefficient)) tangent.add(tangentMul(coefficient, ct));
    if (isLinear(coefficient) && !isLinear(tangent)) coefficient.add(tangentMul(tangent, ct));
  },
  lower: ([coefficient, tangent]) => {
    const zero = constant(tangent.type, 0);
    return select(compare('ne', tangent, zero), binary('mul', coefficient, tangent), zero);
  },
  reference: ([coefficient, tangent]) => (tangent === 0 ? 0 : coefficient * tangent),
});

/** What the laws hold `tangentMul` to. */
export const tangentMulLaws: Laws = forLaws<2, object>(tangentMul, {
  samples: () => [...rangeSamples(pair, pair), pointSamples('special values', ...specialPairs)],
});

/**
 * x y, and 0 where either is 0: how `tangentMul` moves with its coefficient. A tangent that is 0
 * keeps even a coefficient that moves infinitely fast out of the result.
 */
export const crossMul: Binary = elementwise({
  name: 'crossMul',
  arity: 2,
  accepts: 'float',
  linearize: ([x, y]) => [crossMul(x, y), (dx) => crossMul(y, dx), (dy) => crossMul(x, dy)],
  transpose: (ct, [x, y]) => {
    if (isLinear(x) && !isLinear(y)) x.add(crossMul(y, ct));
    if (isLinear(y) && !isLinear(x)) y.add(crossMul(x, ct));
  },
  lower: ([x, y]) => {
    const zero = constant(x.type, 0);
    const product = select(compare('ne', x, zero), binary('mul', x, y), zero);
    return select(compare('ne', y, zero), product, zero);
  },
  reference: ([x, y]) => (x === 0 || y === 0 ? 0 : x * y),
});

/** What the laws hold `crossMul` to. */
export const crossMulLaws: Laws = forLaws<2, object>(crossMul, {
  samples: () => [...rangeSamples(pair, pair), pointSamples('special values', ...specialPairs)],
});

/** x / y on floats. */
export const div: Binary = elementwise({
  name: 'div',
  arity: 2,
  accepts: 'float',
  linearize: ([x, y]) => {
    const quotient = div(x, y);
    const reciprocal = div(filledLike(y, 1), y);
    return [
      quotient,
      (dx) => tangentMul(reciprocal, dx),
      (dy) => tangentMul(neg(mul(quotient, reciprocal)), dy),
    ];
  },
  transpose: (ct, [x, y]) => {
    if (isLinear(x) && !isLinear(y)) x.add(div(ct, y));
  },
  lower: ([x, y]) => binary('div', x, y),
  reference: ([x, y]) => x / y,
});

/** What the laws hold `div` to. */
export const divLaws: Laws = forLaws<2, object>(div, {
  samples: () => [
    ...rangeSamples(pair, { from: 0.5, to: 4 }),
    pointSamples('special values', ...specialPairs),
  ],
});

/** x^n for a whole number n, by repeated squaring; exact for small integers. */
export function integerPower(x: Tensor, n: number): Tensor {
  if (n === 0) return filledLike(x, 1);
  if (n < 0) return div(filledLike(x, 1), integerPower(x, -n));
  if (n === 1) return x;
  const half = integerPower(x, Math.floor(n / 2));
  const square = mul(half, half);
  return n % 2 === 0 ? square : mul(square, x);
}
