import { fourDVar, periodicCovariance } from '@grad/assimilation';
import { eye, jacfwd, matmul, random, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';

/** The covariance that is applied, S S'. */
function matrixOf({ color }: { color(v: Tensor): Tensor }, size: number): Tensor {
  const root = jacfwd(color)(tensor(new Float64Array(size)));
  return matmul(root, root.transpose());
}

describe('periodicCovariance', () => {
  test('has the variance and the correlations it was asked for, around the circle', () => {
    const [n, spacing, length, noise] = [40, 2, 5, 0.01];
    const B = periodicCovariance({
      shape: [n],
      spacing: [spacing],
      length,
      deviations: [3],
      noise,
    });
    const matrix = matrixOf(B, n);
    for (const [i, j] of [
      [0, 0],
      [5, 5],
      [3, 4],
      [0, 39],
      [38, 2],
      [10, 17],
    ] as const) {
      const steps = Math.min(Math.abs(i - j), n - Math.abs(i - j));
      const smooth = Math.exp(-((steps * spacing) ** 2) / (2 * length ** 2));
      const expected = 9 * ((1 - noise) * smooth + (i === j ? noise : 0));
      expect(matrix.at(i, j).item()).toBeCloseTo(expected, 8);
    }
  });

  test('falls with the distance in a plane, for each field alone', () => {
    const [ny, nx] = [12, 16];
    const B = periodicCovariance({
      shape: [ny, nx],
      spacing: [1, 1.5],
      length: 1.6,
      deviations: [2, 0.5],
      noise: 1e-6,
    });
    const matrix = matrixOf(B, 2 * ny * nx);
    const at = (y: number, x: number, field = 0) => (field * ny + y) * nx + x;
    const r2 = 2 ** 2 + (3 * 1.5) ** 2;
    expect(matrix.at(at(5, 6), at(7, 9)).item()).toBeCloseTo(4 * Math.exp(-r2 / (2 * 1.6 ** 2)), 5);
    expect(matrix.at(at(5, 6, 1), at(5, 6, 1)).item()).toBeCloseTo(0.25, 10);
    expect(matrix.at(at(5, 6, 0), at(5, 6, 1)).item()).toBe(0);
  });

  test('whitens what it colors', () => {
    const B = periodicCovariance({ shape: [9, 7], length: 2, deviations: [2, 3] });
    const v = random.normal(random.key(0), [126]);
    expect(B.whiten(B.color(v)).sub(v).abs().max().item()).toBeLessThan(1e-10);
  });

  test('is a background covariance with either control variable', async () => {
    const n = 12;
    const B = periodicCovariance({ shape: [n], length: 2, deviations: [1], noise: 0.1 });
    const given = {
      model: (x: Tensor) => x.mul(0.9),
      background: new Float64Array(n),
      R: 0.1,
      observations: [{ step: 1, value: [1, 2], components: [2, 7] }],
    };
    const ends = await Promise.all(
      (['none', 'cvt'] as const).map((transform) =>
        fourDVar({ ...given, B }).minimize({ transform, gradientTolerance: 1e-10 }),
      ),
    );
    const asMatrix = fourDVar({ ...given, B: matrixOf(B, n).add(eye(n).mul(1e-15)) });
    const { analysis } = await asMatrix.minimize({ gradientTolerance: 1e-10 });
    for (const end of ends) {
      expect(end.status).toBe('converged');
      expect(end.analysis.sub(analysis).abs().max().item()).toBeLessThan(1e-8);
    }
  });

  const good = { shape: [4], length: 1, deviations: [1] };
  test.each([
    [{ shape: [] }, /shape is \[\]/],
    [{ shape: [3, 2.5] }, /shape is \[3, 2.5\]/],
    [{ spacing: [1, 1] }, /spacing is \[1, 1\]/],
    [{ length: -1 }, /length is -1/],
    [{ deviations: [] }, /deviations are \[\]/],
    [{ deviations: [1, 0] }, /deviations are \[1, 0\]/],
    [{ noise: 0 }, /noise is 0/],
  ])('refuses %j', (change, message) => {
    expect(() => periodicCovariance({ ...good, ...change })).toThrow(message);
  });
});
