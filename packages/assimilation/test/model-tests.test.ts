import {
  adjointTest,
  burgers,
  lorenz63,
  lorenz96,
  shallowWater,
  tangentLinearTest,
  trajectory,
} from '@grad/assimilation';
import { stopGradient, type Tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';

const runs: Record<string, readonly [run: (x: Tensor) => Tensor, state: readonly number[]]> = {
  'Lorenz-63 over 100 steps': [(x) => trajectory(lorenz63(), x, 100), [1.509, -1.531, 25.46]],
  'Lorenz-96 over 20 steps': [
    (x) => trajectory(lorenz96(), x, 20),
    Array.from({ length: 40 }, (_, i) => 8 + 3 * Math.sin(i)),
  ],
  "Burgers' equation over 50 steps": [
    (x) => trajectory(burgers({ dt: 0.01, dx: 0.05, viscosity: 0.02 }), x, 50),
    Array.from({ length: 20 }, (_, i) => Math.sin(i / 3)),
  ],
  // In units of the depth and of the speed of waves, for directions treat all numbers alike.
  'shallow water over 30 steps': [
    (x) => {
      const unit = { ny: 6, nx: 8, dy: 1, dx: 1.2, dt: 0.3, gravity: 1 };
      return trajectory(shallowWater({ ...unit, coriolis: 0.4, viscosity: 0.01 }), x, 30);
    },
    Array.from({ length: 144 }, (_, i) => (i < 48 ? 1 : 0) + 0.2 * Math.sin(i)),
  ],
};

describe.each(Object.entries(runs))('%s', (_, [run, state]) => {
  test.each([0, 1, 2])(
    'has a tangent linear that finite perturbations confirm (seed %d)',
    (seed) => {
      const { remainders, error } = tangentLinearTest(run, state, { seed });
      expect(error).toBeLessThan(1e-7);
      const [before = { remainder: 0 }, after = { remainder: 1 }] = remainders.slice(2, 4);
      expect(before.remainder / after.remainder).toBeCloseTo(100, -1);
    },
  );
});

describe.each(Object.entries(runs))('%s', (_, [run, state]) => {
  test.each([0, 1, 2])('has an adjoint to 1e-13 (seed %d)', (seed) => {
    const { forward, reverse, error } = adjointTest(run, state, { seed });
    expect(error).toBeLessThan(1e-13);
    expect(Math.abs(forward - reverse) / forward).toBe(error);
  });
});

describe('the tests of a model', () => {
  test('find out a derivative that lacks a part', () => {
    const cut = (x: Tensor): Tensor => x.square().add(stopGradient(x));
    expect(tangentLinearTest(cut, [1, 2]).error).toBeGreaterThan(0.1);
  });

  test('refuse a derivative that is zero, which would prove nothing', () => {
    const constant = (x: Tensor): Tensor => stopGradient(x);
    expect(() => tangentLinearTest(constant, [1, 2])).toThrow(/size 0.*prove nothing/);
    expect(() => adjointTest(constant, [1, 2])).toThrow(/size 0.*prove nothing/);
  });
});
