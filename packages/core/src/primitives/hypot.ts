import { binary, compare, constant, select, unary } from '../kernel/scalars.ts';
import { div, tangentMul } from './arithmetic.ts';
import { gt } from './compare.ts';
import { filledLike } from './create.ts';
import type { CallablePrimitive } from './define.ts';
import { elementwise, elementwiseLaws } from './elementwise.ts';
import type { Laws } from './for-laws.ts';
import { pointSamples, rangeSamples, specialPairs } from './samples.ts';
import { select as selectOf } from './select.ts';

/** sqrt(x^2 + y^2) without overflow; its derivative at the origin is 0. */
export const hypot: CallablePrimitive<2, object> = elementwise({
  name: 'hypot',
  arity: 2,
  accepts: 'float',
  linearize: ([x, y]) => {
    const length = hypot(x, y);
    const positive = gt(length, filledLike(length, 0));
    const divisor = selectOf(positive, length, filledLike(length, 1));
    const [alongX, alongY] = [div(x, divisor), div(y, divisor)];
    return [length, (dx) => tangentMul(alongX, dx), (dy) => tangentMul(alongY, dy)];
  },
  cost: 'math',
  lower: ([x, y]) => {
    const [a, b] = [unary('abs', x), unary('abs', y)];
    const [zero, infinity] = [constant(x.type, 0), constant(x.type, Number.POSITIVE_INFINITY)];
    const longer = binary('max', a, b);
    const quotient = binary('div', binary('min', a, b), longer);
    const ratio = select(compare('eq', longer, zero), zero, quotient);
    const factor = unary('sqrt', binary('add', constant(x.type, 1), binary('mul', ratio, ratio)));
    const endless = binary('or', compare('eq', a, infinity), compare('eq', b, infinity));
    return select(endless, infinity, binary('mul', longer, factor));
  },
});

/** What the laws hold `hypot` to. */
export const hypotLaws: Laws = elementwiseLaws<2>(hypot, {
  reference: ([x, y]) => Math.hypot(x, y),
  samples: () => [
    ...rangeSamples({ from: -3, to: 3 }, { from: 0.1, to: 3 }),
    pointSamples('special values', ...specialPairs),
    pointSamples(
      'small and large arguments',
      [3e-30, 1e200, -3e300, 5e-324],
      [4e-30, 1e200, 4e300, 0],
    ),
  ],
});
