import { describe, expect, test } from 'vitest';
import type { Expr } from '../../src/kernel/expr.ts';
import { binary, compare, constant, select } from '../../src/kernel/language.ts';
import { buffer, load, loopOf, parallel, runModule, store } from './harness.ts';

function array(type: 'float64' | 'float32', values: readonly number[]) {
  return type === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
}

describe.each(['float64', 'float32'] as const)('choices between %s and a constant', (type) => {
  const values = [0, -0, 1, -1, 2.5, -2.5, 1e-40, -1e-40, Number.NaN, Infinity, -Infinity, 3];
  const constants = [0, -0, 1, -1, 2.5, Number.NaN, Infinity, -Infinity];
  const x = buffer('x', type, values.length);
  const i = loopOf('i', values.length);

  /** The results for all values, where `of` says what is computed from one. */
  function results(of: (value: Expr) => Expr): number[] {
    const y = buffer('y', type, values.length);
    const main = [parallel(i, store(y, i, of(load(x, i))))];
    const { outputs } = runModule({ main, inputs: [x], outputs: [y] }, [array(type, values)]);
    return [...(outputs[0] ?? [])];
  }

  test('are the lesser and the greater, with -0 below 0, and NaN where there is one', () => {
    for (const c of constants) {
      for (const of of ['min', 'max'] as const) {
        const expected = [...array(type, values)].map((v) => Math[of](v, c));
        const message = `${of} ${Object.is(c, -0) ? '-0' : c}`;
        expect(
          results((value) => binary(of, value, constant(type, c))),
          message,
        ).toEqual(expected);
        expect(
          results((value) => binary(of, constant(type, c), value)),
          message,
        ).toEqual(expected);
      }
    }
  });

  test('keep all bits of what a condition chooses, zero before or after it', () => {
    for (const zero of [0, -0]) {
      const isAbove = (value: Expr): Expr => compare('gt', value, constant(type, 1));
      const before = results((value) => select(isAbove(value), constant(type, zero), value));
      const after = results((value) => select(isAbove(value), value, constant(type, zero)));
      const rounded = [...array(type, values)];
      expect(before).toEqual(rounded.map((v) => (v > 1 ? zero : v)));
      expect(after).toEqual(rounded.map((v) => (v > 1 ? v : zero)));
    }
  });

  test('give a magnitude the sign of another number', () => {
    for (const c of constants.filter((c) => !Number.isNaN(c))) {
      const isNegative = c < 0 || Object.is(c, -0);
      const magnitudes = [...array(type, values)].map(Math.abs);
      expect(results((value) => binary('copysign', value, constant(type, c)))).toEqual(
        magnitudes.map((v) => (isNegative ? -v : v)),
      );
    }
  });
});
