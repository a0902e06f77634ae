import { expect, test } from 'vitest';
import {
  differenceError,
  fallRate,
  taylorRemainders,
} from '../src/jobs/weather/lorenz63/taylor.ts';

/** x² y + sin z, with the right gradient and with a wrong one. */
const cost = ([x = 0, y = 0, z = 0]: readonly number[]) => x * x * y + Math.sin(z);
const right = {
  cost,
  gradient: ([x = 0, y = 0, z = 0]: readonly number[]) => [2 * x * y, x * x, Math.cos(z)],
};
const wrong = {
  cost,
  gradient: ([x = 0, y = 0, z = 0]: readonly number[]) => [2 * x * y, x * x, 1.001 * Math.cos(z)],
};
const state = [1, 2, 0.5];
const direction = [0.6, -0.5, 0.62];
const steps = [1e-1, 1e-2, 1e-3, 1e-4];

test('the remainder falls as h² with the right gradient and only as h with a wrong one', () => {
  expect(fallRate(taylorRemainders(right, state, direction, steps))).toBeCloseTo(2, 2);
  expect(fallRate(taylorRemainders(wrong, state, direction, steps))).toBeLessThan(1.5);
});

test('without the gradient the remainder falls as h', () => {
  const [, , before, last] = taylorRemainders(right, state, direction, steps);
  expect(Math.log10((before?.zeroth ?? 0) / (last?.zeroth ?? 1))).toBeCloseTo(1, 2);
});

test('central differences agree with the right gradient and not with a wrong one', () => {
  expect(differenceError(right, state, 1e-5)).toBeLessThan(1e-9);
  expect(differenceError(wrong, state, 1e-5)).toBeGreaterThan(1e-4);
});

test('a rate cannot be told from one step', () => {
  expect(fallRate(taylorRemainders(right, state, direction, [0.1]))).toBeNaN();
});
