import { select as selectExpr } from '../kernel/scalars.ts';
import { isLinear } from './cotangent.ts';
import { zeros } from './create.ts';
import type { CallablePrimitive } from './define.ts';
import { elementwise } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { rangeSamples, specials } from './samples.ts';

const mask = { dtype: 'bool', values: [1, 0, 0, 1, 1, 0, 1] } as const;
const number = { from: -3, to: 3 };
const integer = { dtype: 'int32', from: -9, to: 9 } as const;

/** x where the condition holds, y elsewhere; linear in both. */
export const select: CallablePrimitive<3, object> = elementwise({
  name: 'select',
  arity: 3,
  accepts: 'any',
  masked: true,
  linear: { in: [1, 2], as: 'together' },
  transpose: (ct, [condition, x, y]) => {
    if (isLinear(condition)) return;
    if (isLinear(x)) x.add(select(condition, ct, zeros(x.dense())));
    if (isLinear(y)) y.add(select(condition, zeros(y.dense()), ct));
  },
  lower: ([condition, x, y]) => selectExpr(condition, x, y),
  reference: ([condition, x, y]) => (condition !== 0 ? x : y),
});

/** What the laws hold `select` to. */
export const selectLaws: Laws = forLaws<3, object>(select, {
  samples: () => [
    ...rangeSamples(mask, number, number),
    ...rangeSamples(mask, integer, integer),
    ...rangeSamples(mask, mask, mask),
    {
      title: 'special values',
      operands: [
        { shape: [20], ...mask },
        { shape: [20], values: specials },
        { shape: [20], values: specials.toReversed() },
      ],
      params: {},
      smooth: false,
    },
  ],
});
