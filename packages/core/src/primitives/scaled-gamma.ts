import type { Expr } from '../kernel/expr.ts';
import * as maths from '../kernel/maths/functions.ts';
import { compare, math, unary } from '../kernel/scalars.ts';
import { positivePolygamma } from './gamma.ts';
import { factorial } from './jet.ts';
import { add, div, mul, neg, num, polynomial, sub, twoProduct } from './kernel-pair.ts';
import type { NestBuilder } from './nest-builder.ts';

/** From here on Stirling's series is used. */
const large = 16;

/** B_2k / (2k (2k - 1)) for k = 1, 2, ... */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/** gamma(1 + a) for 0 < a < 16 into two locals: a product of exact factors and that of the rest. */
function smallGamma(k: NestBuilder, a: Expr): Expr {
  const left = k.local('float64', a);
  const high = k.local('float64', num(1));
  const low = k.local('float64', num(0));
  k.repeatWhile(
    () => compare('ge', left.get(), num(1)),
    () => {
      const [product, error] = twoProduct(high.get(), left.get());
      const rest = k.local('float64', add(error, mul(low.get(), left.get())));
      high.set(product);
      low.set(rest.get());
      left.set(sub(left.get(), num(1)));
    },
  );
  const rest = math(maths.exp, math(maths.lgamma, add(left.get(), num(1))));
  return add(mul(rest, high.get()), mul(rest, low.get()));
}

/** gamma(1 + a) / (a / e)^a for a > 0, which is some sqrt(2 pi a) for a large a. */
export function scaledGamma(k: NestBuilder, a: Expr): Expr {
  const result = k.local('float64', num(1));
  k.choose(
    compare('lt', a, num(large)),
    () => {
      const gamma = smallGamma(k, a);
      result.set(mul(mul(gamma, math(maths.exp, a)), math(maths.pow, a, neg(a))));
    },
    () => {
      const inverse = div(num(1), a);
      const tail = mul(inverse, polynomial(mul(inverse, inverse), stirling));
      const root = unary('sqrt', mul(a, num(2 * Math.PI)));
      result.set(mul(root, math(maths.exp, tail)));
    },
  );
  return result.get();
}

/** The derivatives of log gamma at u > 0, divided by the factorial of their order: 1, 2, ..., most. */
export function logGammaSlopes(u: Expr, most: number): Expr[] {
  return Array.from({ length: most }, (_, i) => {
    if (i === 0) return math(maths.digamma, u);
    const sign = i % 2 === 0 ? -1 : 1;
    return mul(positivePolygamma(i, u), num(sign / factorial(i + 1)));
  });
}

/** log(gamma(a + b) / gamma(a)) for a > 0 and 0 < b < 1, without cancellation for a small b. */
export function logGammaRatio(k: NestBuilder, a: Expr, b: Expr): Expr {
  const from = k.local('float64', a);
  const passed = k.local('float64', num(0));
  k.repeatWhile(
    () => compare('lt', from.get(), num(large)),
    () => {
      passed.set(add(passed.get(), math(maths.log1p, div(b, from.get()))));
      from.set(add(from.get(), num(1)));
    },
  );
  const start = from.get();
  const end = add(start, b);
  const growth = mul(sub(start, num(0.5)), math(maths.log1p, div(b, start)));
  const main = add(growth, sub(mul(b, math(maths.log, end)), b));
  return sub(add(main, stirlingDifference(start, b)), passed.get());
}

/** The change of Stirling's series from t to t + b: q^m - 1 = (q - 1) (1 + q + ... + q^(m - 1)). */
function stirlingDifference(t: Expr, b: Expr): Expr {
  const end = add(t, b);
  const less = neg(div(b, end));
  const q = div(t, end);
  const square = div(num(1), mul(t, t));
  let power = div(num(1), t);
  let geometric = num(1);
  let sum = num(0);
  stirling.forEach((c, i) => {
    if (i > 0) {
      power = mul(power, square);
      for (let twice = 0; twice < 2; twice++) geometric = add(mul(geometric, q), num(1));
    }
    sum = add(sum, mul(num(c), mul(power, geometric)));
  });
  return mul(less, sum);
}
