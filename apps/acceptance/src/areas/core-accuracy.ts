import { jit, type Tensor, tensor } from '@grad/core';
import type { Row } from '@grad/tour';
import { argumentsOf, subjects } from '../../../../bench/accuracy/subjects.ts';
import * as elementary from '../../../../packages/core/test/wasm/exact.ts';
import * as special from '../../../../packages/core/test/wasm/exact-special.ts';
import { atMostRow, nearRow } from '../rows.ts';

type Exact = elementary.Exact;

/** Exact values in integer arithmetic, by the names of `npm run accuracy`. */
const references: Readonly<Record<string, (...x: number[]) => Exact>> = {
  exp: (x = 0) => elementary.exp(x),
  log: (x = 0) => elementary.log(x),
  log1p: (x = 0) => elementary.log1p(x),
  expm1: (x = 0) => elementary.expm1(x),
  sin: (x = 0) => elementary.sin(x),
  cos: (x = 0) => elementary.cos(x),
  tan: (x = 0) => elementary.tan(x),
  // Beyond 40 it is 1 to 30 digits.
  tanh: (x = 0) => (Math.abs(x) > 40 ? { m: BigInt(Math.sign(x)), e: 0 } : elementary.tanh(x)),
  sigmoid: (x = 0) => elementary.sigmoid(x),
  pow: (x = 0, y = 0) => elementary.pow(x, y),
  erf: (x = 0) => special.erf(x),
  'lgamma, x > 0': (x = 0) => special.lgamma(x),
  'lgamma, x < 0': (x = 0) => special.lgamma(x),
};

const count = 2000;

/** Largest errors over the whole range, and special values. */
export function accuracyRows(show: (stage: string, fraction: number) => void): Row[] {
  const chosen = subjects.filter(({ name }) => references[name] !== undefined);
  const rows = chosen.flatMap(({ name, ...rest }, i) =>
    (['float64', 'float32'] as const).map((precision, j) => {
      show(`${name}, ${precision}`, (2 * i + j) / (2 * chosen.length));
      const columns = argumentsOf({ name, ...rest }, precision, count);
      const typed = columns.map((column) =>
        tensor(precision === 'float32' ? Float32Array.from(column) : column),
      );
      const found = Array.from(jit(rest.ours)(...typed).dataSync(), Number);
      const errors = found.map((y, k) => {
        const exact = references[name]?.(...columns.map((column) => column[k] ?? 0));
        return exact === undefined
          ? Number.NaN
          : error(y, exact, precision, rest.aroundOne === true);
      });
      const worst = errors.reduce((a, b) => Math.max(a, b), 0);
      return atMostRow(
        `${name}, ${precision}: largest error in ulp`,
        worst,
        rest.aroundOne ? 4 : 2,
      );
    }),
  );
  return [...rows, specialRow(chosen)];
}

/** Units in the last place of the exact value, or of max(|y|, 1). */
function error(
  y: number,
  exact: Exact,
  precision: 'float64' | 'float32',
  aroundOne: boolean,
): number {
  if (!aroundOne) return elementary.ulps(y, exact, precision);
  const one = { m: 1n, e: 0 };
  const difference = elementary.plus(exact, negated(elementary.exactly(y)));
  const isLarge = Math.abs(y) >= 1;
  if (isLarge) return elementary.ulps(y, exact, precision);
  // 1 plus the difference against 1 has the ulp of 1.
  const digits = precision === 'float64' ? 52 : 23;
  const scaled = elementary.fixed(difference, digits + 20);
  return Number(elementary.absolute(scaled) / one.m) / 2 ** 20;
}

const negated = ({ m, e }: Exact): Exact => ({ m: -m, e });

const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
const specials: Readonly<Record<string, readonly (readonly [x: number, y: number])[]>> = {
  exp: [
    [0, 1],
    [-0, 1],
    [inf, inf],
    [-inf, 0],
    [nan, nan],
  ],
  log: [
    [0, -inf],
    [1, 0],
    [-1, nan],
    [inf, inf],
    [nan, nan],
  ],
  log1p: [
    [0, 0],
    [-0, -0],
    [-1, -inf],
    [-2, nan],
    [inf, inf],
    [nan, nan],
  ],
  expm1: [
    [0, 0],
    [-0, -0],
    [inf, inf],
    [-inf, -1],
    [nan, nan],
  ],
  sin: [
    [0, 0],
    [-0, -0],
    [inf, nan],
    [nan, nan],
  ],
  cos: [
    [0, 1],
    [-0, 1],
    [-inf, nan],
    [nan, nan],
  ],
  tan: [
    [0, 0],
    [-0, -0],
    [inf, nan],
    [nan, nan],
  ],
  tanh: [
    [0, 0],
    [-0, -0],
    [inf, 1],
    [-inf, -1],
    [nan, nan],
  ],
  sigmoid: [
    [0, 0.5],
    [inf, 1],
    [-inf, 0],
    [nan, nan],
  ],
  erf: [
    [0, 0],
    [-0, -0],
    [inf, 1],
    [-inf, -1],
    [nan, nan],
  ],
  'lgamma, x > 0': [
    [0, inf],
    [1, 0],
    [2, 0],
    [inf, inf],
    [nan, nan],
  ],
};

function specialRow(chosen: readonly { name: string; ours: (...x: Tensor[]) => Tensor }[]): Row {
  const wrong = chosen.flatMap(({ name, ours }) =>
    (['float64', 'float32'] as const).flatMap((dtype) =>
      (specials[name] ?? []).filter(
        ([x, y]) => !Object.is(jit(ours)(tensor(x, { dtype })).item(), y),
      ),
    ),
  );
  return nearRow('special values (0, -0, inf, nan) that are wrong', wrong.length, 0, 0);
}
