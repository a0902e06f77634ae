import * as maths from '../kernel/maths/functions.ts';
import { binary, compare, constant, math, select } from '../kernel/scalars.ts';
import { div, neg, tangentMul } from './arithmetic.ts';
import type { CallablePrimitive } from './define.ts';
import { floor } from './elementary.ts';
import { elementwise, elementwiseLaws } from './elementwise.ts';
import type { Laws } from './for-laws.ts';
import { pointSamples, rangeSamples, specialPairs } from './samples.ts';

function floatMod(x: number, y: number): number {
  const rest = x % y;
  if (rest === 0) return y < 0 || Object.is(y, -0) ? -0 : 0;
  return rest < 0 !== y < 0 ? rest + y : rest;
}

function intMod(x: number, y: number): number {
  if (y === 0) {
    throw new RangeError('mod: integer division by zero. Select where the divisor is not 0.');
  }
  return floatMod(x, y) | 0;
}

/**
 * x - floor(x / y) y, exactly: the remainder with the sign of y. Its derivative in x is 1, and in
 * y -floor(x / y).
 */
export const mod: CallablePrimitive<2, object> = elementwise({
  name: 'mod',
  arity: 2,
  accepts: 'number',
  mayFail: true,
  linearize: ([x, y]) => {
    if (x.dtype === 'int32') return [mod(x, y), null, null];
    const turns = neg(floor(div(x, y)));
    return [mod(x, y), (dx) => dx, (dy) => tangentMul(turns, dy)];
  },
  idle: [null, 1],
  cost: 'math',
  lower: ([x, y], context) => {
    if (x.type !== 'int32') return math(maths.mod, x, y);
    const zero = constant('int32', 0);
    const checked = {
      op: 'check',
      type: 'int32',
      x: select(compare('eq', y, zero), constant('int32', -1), zero),
      extent: 1,
      site: context.site('divisionByZero', 1),
    } as const;
    const divisor = binary('add', y, checked);
    const rest = binary('rem', x, divisor);
    const apart = compare('lt', binary('xor', rest, divisor), zero);
    const moved = select(apart, binary('add', rest, divisor), rest);
    return select(compare('eq', rest, zero), zero, moved);
  },
});

/** What the laws hold `mod` to. */
export const modLaws: Laws = elementwiseLaws<2>(mod, {
  reference: ([x, y], dtype) => (dtype === 'int32' ? intMod(x, y) : floatMod(x, y)),
  samples: () => [
    ...rangeSamples({ from: 6.2, to: 6.8 }, { from: 2, to: 2.05 }),
    ...rangeSamples({ from: -6.2, to: -5.2 }, { from: 2.65, to: 3.1 }),
    ...rangeSamples({ from: 1, to: 2 }, { from: -4, to: -3 }),
    ...rangeSamples({ dtype: 'int32', from: -9, to: 9 }, { dtype: 'int32', from: 1, to: 4 }),
    ...rangeSamples({ dtype: 'int32', from: -9, to: 9 }, { dtype: 'int32', from: -4, to: -1 }),
    pointSamples('special values', ...specialPairs),
    pointSamples('large quotients', [1e16, -1e38, 3e38, 7], [3, 7.25, 1e-40, 1e-30]),
  ],
});
