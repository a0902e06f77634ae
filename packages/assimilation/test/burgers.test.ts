import { burgers, trajectory } from '@grad/assimilation';
import { tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';

/**
 * A solution by the substitution u = -2 nu phi_x / phi of E. Hopf (1950) and J. Cole (1951), which makes Burgers'
 * equation that of heat: phi = 2 + exp(-nu k² t) cos(k x).
 */
function exact(x: number, t: number, viscosity: number): number {
  const k = 2 * Math.PI;
  const decay = Math.exp(-viscosity * k * k * t);
  return (2 * viscosity * k * decay * Math.sin(k * x)) / (2 + decay * Math.cos(k * x));
}

const start = (n: number, viscosity: number) =>
  tensor(Array.from({ length: n }, (_, i) => exact(i / n, 0, viscosity)));

describe('burgers', () => {
  test('follows the solution of Cole and Hopf, to the second order of the distance of points', () => {
    const viscosity = 0.05;
    const time = 0.5;
    const error = (n: number): number => {
      const steps = Math.round(time * 20 * n);
      const model = burgers({ dt: time / steps, dx: 1 / n, viscosity });
      const end = trajectory(model, start(n, viscosity), steps).at(steps).dataSync();
      return Math.max(...Array.from(end, (u, i) => Math.abs(u - exact(i / n, time, viscosity))));
    };
    const [coarse, fine] = [error(16), error(32)];
    expect(fine).toBeLessThan(3e-3);
    expect(Math.log2(coarse / fine)).toBeCloseTo(2, 1);
  });

  test('keeps the sum, and without viscosity the sum of squares', () => {
    const u = tensor(Array.from({ length: 50 }, (_, i) => 1 + Math.sin((2 * Math.PI * i) / 50)));
    const drift = (viscosity: number, dt: number): number[] => {
      const steps = Math.round(0.1 / dt);
      const end = trajectory(burgers({ dt, dx: 1 / 50, viscosity }), u, steps).at(steps);
      const sums = [end.sum().sub(u.sum()), end.square().sum().sub(u.square().sum())];
      return sums.map((sum) => Math.abs(sum.item()));
    };
    const [sum = 1, squares = 0] = drift(0.01, 1e-3);
    expect(sum).toBeLessThan(1e-11);
    expect(squares).toBeGreaterThan(1);
    const [, long = 0] = drift(0, 2e-3);
    const [, short = 1] = drift(0, 1e-3);
    expect(long).toBeLessThan(1e-3);
    expect(Math.log2(long / short)).toBeGreaterThan(4);
  });

  test.each([
    [{ dt: 0, dx: 1, viscosity: 1 }, /dt is 0/],
    [{ dt: 1, dx: 0, viscosity: 1 }, /dx is 0/],
    [{ dt: 1, dx: 1, viscosity: -1 }, /viscosity is -1/],
  ])('refuses %j', (options, message) => {
    expect(() => burgers(options)).toThrow(message);
  });
});
