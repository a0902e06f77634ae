import { lorenz63, lorenz96, rk4, trajectory } from '@grad/assimilation';
import { tensor, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';

/** One Runge-Kutta step in plain numbers. */
function plainStep(
  f: (x: readonly number[]) => number[],
  x: readonly number[],
  dt: number,
): number[] {
  const along = (h: number, k: readonly number[]): number[] =>
    x.map((value, i) => value + h * (k[i] ?? 0));
  const k1 = f(x);
  const k2 = f(along(dt / 2, k1));
  const k3 = f(along(dt / 2, k2));
  const k4 = f(along(dt, k3));
  return along(
    dt / 6,
    k1.map((k, i) => k + 2 * (k2[i] ?? 0) + 2 * (k3[i] ?? 0) + (k4[i] ?? 0)),
  );
}

describe('rk4', () => {
  test('has errors that fall with the fourth power of the step', () => {
    const error = (steps: number): number => {
      const grow = rk4((x) => x, 1 / steps);
      return Math.abs(trajectory(grow, [1], steps).at(steps, 0).item() - Math.E);
    };
    expect(Math.log2(error(20) / error(40))).toBeCloseTo(4, 1);
  });
});

describe('lorenz63', () => {
  test('rests at its three fixed points', () => {
    const wing = Math.sqrt((8 / 3) * 27);
    for (const point of [
      [0, 0, 0],
      [wing, wing, 27],
      [-wing, -wing, 27],
    ]) {
      const [x = 0, y = 0, z = 0] = lorenz63()(tensor(point)).dataSync();
      expect(
        Math.hypot(x - (point[0] ?? 0), y - (point[1] ?? 0), z - (point[2] ?? 0)),
      ).toBeLessThan(1e-13);
    }
  });

  test('takes other parameters', () => {
    const [sigma, rho, beta, dt] = [16, 45.92, 4, 0.005];
    const plain = ([x = 0, y = 0, z = 0]: readonly number[]): number[] => [
      sigma * (y - x),
      x * (rho - z) - y,
      x * y - beta * z,
    ];
    const start = [3, -2, 30];
    const next = lorenz63({ sigma, rho, beta, dt })(tensor(start));
    plainStep(plain, start, dt).forEach((value, i) => {
      expect(next.at(i).item()).toBeCloseTo(value, 13);
    });
  });
});

describe('lorenz96', () => {
  test.each([4, 7, 40])('steps %d variables around the circle', (n) => {
    const plain = (x: readonly number[]): number[] => {
      const at = (i: number): number => x[(i + n) % n] ?? 0;
      return x.map((value, i) => (at(i + 1) - at(i - 2)) * at(i - 1) - value + 8);
    };
    const start = Array.from({ length: n }, (_, i) => 8 + Math.sin(3 * i));
    const next = lorenz96()(tensor(start));
    plainStep(plain, start, 0.05).forEach((value, i) => {
      expect(next.at(i).item()).toBeCloseTo(value, 12);
    });
  });

  test('rests where all variables equal the forcing', () => {
    const rest = tensor(new Float64Array(40).fill(5));
    expect(lorenz96({ forcing: 5 })(rest).toArray()).toEqual(rest.toArray());
  });
});

describe('trajectory', () => {
  test('has the start first and one state for each step', () => {
    expect(trajectory((x) => x.mul(2), [1, 3], 3).toArray()).toEqual([
      [1, 3],
      [2, 6],
      [4, 12],
      [8, 24],
    ]);
    expect(trajectory((x) => x.mul(2), [1], 0).toArray()).toEqual([[1]]);
  });

  test('runs an ensemble under vmap', () => {
    const members = tensor([[1], [2]]);
    const runs = vmap((x) => trajectory((state) => state.mul(2), x, 2))(members);
    expect(runs.toArray()).toEqual([
      [[1], [2], [4]],
      [[2], [4], [8]],
    ]);
  });
});
