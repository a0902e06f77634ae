import type { Expr } from '../kernel/expr.ts';
import { binary, compare, constant, select } from '../kernel/scalars.ts';
import type { CallablePrimitive, Sample } from './define.ts';
import { elementwise, elementwiseLaws } from './elementwise.ts';
import type { Laws } from './for-laws.ts';
import { rangeSamples } from './samples.ts';

type Binary = CallablePrimitive<2, object>;

const words = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 0x5555, -12345];
const counts = [0, 1, 5, 31, 32, -1, 2 ** 31 - 1, -(2 ** 31)];
const wide = { dtype: 'int32', from: -1e9, to: 1e9 } as const;

function pairs(xs: readonly number[], ys: readonly number[]): Sample<object> {
  const shape = [xs.length * ys.length];
  return {
    title: 'all pairs of special values',
    operands: [
      { shape, dtype: 'int32', values: xs.flatMap((x) => ys.map(() => x)) },
      { shape, dtype: 'int32', values: xs.flatMap(() => [...ys]) },
    ],
    params: {},
  };
}

/** Bits in which two integers differ; on masks, whether exactly one is true. */
export const xor: Binary = elementwise({
  name: 'xor',
  arity: 2,
  accepts: 'logical',
  linearize: ([x, y]) => [xor(x, y), null, null],
  lower: ([x, y]) => binary('xor', x, y),
});

/** What the laws hold `xor` to. */
export const xorLaws: Laws = elementwiseLaws<2>(xor, {
  reference: ([x, y]) => x ^ y,
  samples: () => [
    ...rangeSamples(wide, wide),
    ...rangeSamples({ dtype: 'bool', values: [1, 0, 0, 1, 1] }, { dtype: 'bool', values: [1, 0] }),
    pairs(words, words),
  ],
});

const bits = constant('int32', 32);
const none = constant('int32', 0);

function isCount(y: Expr): Expr {
  return binary('and', compare('ge', y, none), compare('lt', y, bits));
}

function shift(name: string, lower: (x: Expr, y: Expr) => Expr, self: () => Binary): Binary {
  return elementwise({
    name,
    arity: 2,
    accepts: 'integer',
    linearize: ([x, y]) => [self()(x, y), null, null],
    lower: ([x, y]) => lower(x, y),
  });
}

/* @__NO_SIDE_EFFECTS__ */
function shiftLaws(primitive: Binary, reference: (x: number, y: number) => number): Laws {
  return elementwiseLaws<2>(primitive, {
    reference: ([x, y]) => reference(x, y >= 0 && y < 32 ? y : 32),
    samples: () => [
      ...rangeSamples(wide, { dtype: 'int32', from: 0, to: 31 }),
      pairs(words, counts),
    ],
  });
}

/** x 2^y modulo 2^32; 0 where y is not in [0, 32). */
export const shiftLeft: Binary = shift(
  'shiftLeft',
  (x, y) => select(isCount(y), binary('shl', x, y), none),
  () => shiftLeft,
);

/** What the laws hold `shiftLeft` to. */
export const shiftLeftLaws: Laws = shiftLaws(shiftLeft, (x, y) => (y < 32 ? x << y : 0));

/** The whole part of x / 2^y, rounded down; the sign alone where y is not in [0, 32). */
export const shiftRight: Binary = shift(
  'shiftRight',
  (x, y) => binary('shr_s', x, select(isCount(y), y, constant('int32', 31))),
  () => shiftRight,
);

/** What the laws hold `shiftRight` to. */
export const shiftRightLaws: Laws = shiftLaws(shiftRight, (x, y) => x >> Math.min(y, 31));

/** The bits of x moved down, with zeros above; 0 where y is not in [0, 32). */
export const shiftRightLogical: Binary = shift(
  'shiftRightLogical',
  (x, y) => select(isCount(y), binary('shr_u', x, y), none),
  () => shiftRightLogical,
);

/** What the laws hold `shiftRightLogical` to. */
export const shiftRightLogicalLaws: Laws = shiftLaws(shiftRightLogical, (x, y) =>
  y < 32 ? x >>> y : 0,
);
