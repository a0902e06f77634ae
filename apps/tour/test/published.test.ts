import { expect, test } from 'vitest';
import { published } from '../src/published.ts';
import { verdict } from '../src/row.ts';

test('a published number carries its value and the precision of its print', () => {
  expect(published('-1.5030')).toMatchObject({ value: -1.503, decimals: 4, tolerance: 1e-4 });
  expect(published('4.607e-3')).toMatchObject({ value: 4.607e-3, decimals: 3, tolerance: 1e-6 });
  expect(published('.25')).toMatchObject({ value: 0.25, decimals: 2 });
});

test('a print finer than float64 asks for no more than float64 can give', () => {
  const { value, tolerance } = published('73.93293957814512345678');
  expect(tolerance).toBeGreaterThan(Number.EPSILON * value);
  expect(tolerance).toBeLessThan(2e-12);
});

test.for(['', 'abc', '1e', 'NaN', '1.2.3'])("'%s' is not a published number", (text) => {
  expect(() => published(text)).toThrow(`'${text}' is not a decimal number.`);
});

test('a result one unit of the last digit off agrees, two units off does not', () => {
  const reference = published('1.25');
  expect(verdict({ what: '', result: 1.2599, reference })).toBe('met');
  expect(verdict({ what: '', result: 1.27, reference })).toBe('missed');
});

test('a limit is met up to itself, and NaN meets nothing', () => {
  const reference = { kind: 'atMost', limit: 1e-13 } as const;
  expect(verdict({ what: '', result: 1e-13, reference })).toBe('met');
  expect(verdict({ what: '', result: 1.1e-13, reference })).toBe('missed');
  expect(verdict({ what: '', result: Number.NaN, reference })).toBe('missed');
  expect(verdict({ what: '', result: Number.NaN, reference: published('1') })).toBe('missed');
});

test('a quality is met from its limit on', () => {
  const reference = { kind: 'atLeast', limit: 0.95 } as const;
  expect(verdict({ what: '', result: 0.95, reference })).toBe('met');
  expect(verdict({ what: '', result: 0.949, reference })).toBe('missed');
  expect(verdict({ what: '', result: Number.NaN, reference })).toBe('missed');
});

test('a result without a reference has no verdict', () => {
  expect(verdict({ what: '', result: 1 })).toBe('none');
});
