import * as maths from '../kernel/maths/functions.ts';
import { binary, constant, math, unary } from '../kernel/scalars.ts';
import { tangentMul } from './arithmetic.ts';
import type { CallablePrimitive } from './define.ts';
import { sigmoid } from './elementary.ts';
import { elementwise, elementwiseLaws } from './elementwise.ts';
import type { Laws } from './for-laws.ts';
import { pointSamples, rangeSamples, specials } from './samples.ts';

/** log(1 + e^x), by max(x, 0) + log(1 + e^-|x|), which does not overflow. */
export const softplus: CallablePrimitive<1, object> = elementwise({
  name: 'softplus',
  arity: 1,
  accepts: 'float',
  linearize: ([x]) => {
    const slope = sigmoid(x);
    return [softplus(x), (dx) => tangentMul(slope, dx)];
  },
  cost: 'math',
  lower: ([x]) => {
    const tail = math(maths.log1p, math(maths.exp, unary('neg', unary('abs', x))));
    return binary('add', binary('max', x, constant(x.type, 0)), tail);
  },
});

/** What the laws hold `softplus` to. */
export const softplusLaws: Laws = elementwiseLaws<1>(softplus, {
  reference: ([x]) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  samples: () => [
    ...rangeSamples({ from: -5, to: 5 }),
    pointSamples('special values', specials),
    pointSamples('large arguments', [40, -40, 700, -745]),
  ],
});
