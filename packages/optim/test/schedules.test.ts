import { jit, type Tensor, tensor } from '@grad/core';
import { expect, test } from 'vitest';
import {
  constant,
  cosineDecay,
  exponentialDecay,
  piecewise,
  type Schedule,
  warmup,
} from '../src/index.ts';

const values = (schedule: Schedule, counts: readonly number[]): number[] => {
  const compiled = jit((count: Tensor) => schedule(count));
  return counts.map((count) => compiled(tensor(count, { dtype: 'int32' })).item());
};

test('exponential decay falls by its rate in so many steps, smoothly or in stairs', () => {
  const options = { init: 2, rate: 0.25, steps: 4 };
  const smooth = values(exponentialDecay(options), [0, 2, 4, 8]);
  [2, 1, 0.5, 0.125].forEach((value, i) => {
    expect(smooth[i]).toBeCloseTo(value, 14);
  });
  const stairs = values(exponentialDecay({ ...options, staircase: true }), [0, 3, 4, 7, 8]);
  expect(stairs).toEqual([2, 2, 0.5, 0.5, 0.125]);
});

test('cosine decay stays at its end', () => {
  const [start, middle, end, after] = values(
    cosineDecay({ init: 1, end: 0.5, steps: 4 }),
    [0, 2, 4, 9],
  );
  expect([start, end, after]).toEqual([1, 0.5, 0.5]);
  expect(middle).toBeCloseTo(0.75, 14);
});

test('a warm-up rises to the schedule, which then begins', () => {
  const schedule = warmup(exponentialDecay({ init: 8, rate: 0.5 }), { steps: 4 });
  expect(values(schedule, [0, 1, 2, 3, 4, 5, 6])).toEqual([0, 2, 4, 6, 8, 4, 2]);
  expect(values(warmup(1, { steps: 2, init: 0.5 }), [0, 1, 2, 9])).toEqual([0.5, 0.75, 1, 1]);
});

test('pieces follow one another, each from its own start', () => {
  const schedule = piecewise([constant(3), exponentialDecay({ init: 1, rate: 0.5 }), 7], [2, 4]);
  expect(values(schedule, [0, 1, 2, 3, 4, 5])).toEqual([3, 3, 1, 0.5, 7, 7]);
});

test('schedules that make no sense are refused', () => {
  expect(() => exponentialDecay({ init: 1, rate: 0 })).toThrow(/rate is 0/);
  expect(() => exponentialDecay({ init: 1, rate: 1, steps: 1.5 })).toThrow(/steps is 1.5/);
  expect(() => warmup(1, { steps: 0 })).toThrow(/warmup: steps is 0/);
  expect(() => piecewise([1, 2], [])).toThrow(/2 schedules need 1 boundaries/);
  expect(() => piecewise([1, 2, 3], [4, 4])).toThrow(/boundary 1 is 4; give a whole number of 5/);
});
