import type { Comparison } from '../kernel/expr.ts';
import { binary, compare, unary } from '../kernel/scalars.ts';
import type { CallablePrimitive } from './define.ts';
import { elementwise } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { pointSamples, rangeSamples, specialPairs } from './samples.ts';

type Binary = CallablePrimitive<2, object>;

const small = { dtype: 'int32', from: -2, to: 2 } as const;
const mask = { dtype: 'bool', values: [1, 0, 0, 1, 1] } as const;
const otherMask = { dtype: 'bool', values: [1, 1, 0] } as const;

function comparison(
  fn: Comparison,
  test: (x: number, y: number) => boolean,
  self: () => Binary,
): Binary {
  return elementwise({
    name: fn,
    arity: 2,
    accepts: fn === 'eq' || fn === 'ne' ? 'any' : 'number',
    result: 'bool',
    linearize: ([x, y]) => [self()(x, y), null, null],
    lower: ([x, y]) => compare(fn, x, y),
    reference: ([x, y]) => Number(test(x, y)),
  });
}

/* @__NO_SIDE_EFFECTS__ */
function comparisonLaws(primitive: Binary): Laws {
  return forLaws<2, object>(primitive, {
    samples: () => [
      ...rangeSamples({ from: -1, to: 1 }, { from: -1, to: 1 }),
      ...rangeSamples(small, small),
      pointSamples('special values', ...specialPairs),
    ],
  });
}

/** x = y; false when one is NaN. */
export const eq: Binary = comparison(
  'eq',
  (x, y) => x === y,
  () => eq,
);

/** What the laws hold `eq` to. */
export const eqLaws: Laws = comparisonLaws(eq);
/** x differs from y; true when one is NaN. */
export const ne: Binary = comparison(
  'ne',
  (x, y) => x !== y,
  () => ne,
);

/** What the laws hold `ne` to. */
export const neLaws: Laws = comparisonLaws(ne);
/** x < y. */
export const lt: Binary = comparison(
  'lt',
  (x, y) => x < y,
  () => lt,
);

/** What the laws hold `lt` to. */
export const ltLaws: Laws = comparisonLaws(lt);
/** x <= y. */
export const le: Binary = comparison(
  'le',
  (x, y) => x <= y,
  () => le,
);

/** What the laws hold `le` to. */
export const leLaws: Laws = comparisonLaws(le);
/** x > y. */
export const gt: Binary = comparison(
  'gt',
  (x, y) => x > y,
  () => gt,
);

/** What the laws hold `gt` to. */
export const gtLaws: Laws = comparisonLaws(gt);
/** x >= y. */
export const ge: Binary = comparison(
  'ge',
  (x, y) => x >= y,
  () => ge,
);

/** What the laws hold `ge` to. */
export const geLaws: Laws = comparisonLaws(ge);

/** Both; bitwise on integers. */
export const and: Binary = elementwise({
  name: 'and',
  arity: 2,
  accepts: 'logical',
  linearize: ([x, y]) => [and(x, y), null, null],
  lower: ([x, y]) => binary('and', x, y),
  reference: ([x, y]) => x & y,
});

/** What the laws hold `and` to. */
export const andLaws: Laws = forLaws<2, object>(and, {
  samples: () => [...rangeSamples(mask, otherMask), ...rangeSamples(small, small)],
});

/** Either; bitwise on integers. */
export const or: Binary = elementwise({
  name: 'or',
  arity: 2,
  accepts: 'logical',
  linearize: ([x, y]) => [or(x, y), null, null],
  lower: ([x, y]) => binary('or', x, y),
  reference: ([x, y]) => x | y,
});

/** What the laws hold `or` to. */
export const orLaws: Laws = forLaws<2, object>(or, {
  samples: () => [...rangeSamples(mask, otherMask), ...rangeSamples(small, small)],
});

/** The opposite of a mask. */
export const not: CallablePrimitive<1, object> = elementwise({
  name: 'not',
  arity: 1,
  accepts: 'bool',
  linearize: ([x]) => [not(x), null],
  lower: ([x]) => unary('not', x),
  reference: ([x]) => 1 - x,
});

/** What the laws hold `not` to. */
export const notLaws: Laws = forLaws<1, object>(not, {
  samples: () => rangeSamples(mask),
});
