import { grad, hessian, jit, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { kepler } from '@grad/iterators';
import { describe, expect, test } from 'vitest';

describe('kepler', () => {
  test('solves the equation to the last digits, with its derivatives', () => {
    expect(kepler(1, 0.6).item()).toBeCloseTo(1.5997485482275293, 15);
    const [inM, inE] = grad(kepler, { argnums: [0, 1] })(1, 0.6);
    expect(inM.item()).toBeCloseTo(0.9829276224269272, 14);
    expect(inE.item()).toBeCloseTo(0.9825156909388113, 14);
  });

  test('takes any eccentricity and any number of turns', () => {
    for (const e of [0, 1e-9, 0.3, 0.97, 0.999999]) {
      for (const M of [-20, -3.2, -1e-5, 0, 1e-8, 0.02, 1, 3.1, 4, 50]) {
        const E = kepler(M, e).item();
        const rounding = 4e-16 * Math.max(1, Math.abs(M));
        expect(Math.abs(E - e * Math.sin(E) - M)).toBeLessThanOrEqual(2 * rounding);
      }
    }
  });

  test('broadcasts, and has derivatives of second order, compiled and batched', () => {
    const [M, e] = [tensor([[0.1], [2], [-4]]), tensor([0.2, 0.8])];
    expect(kepler(M, e).shape).toEqual([3, 2]);
    checkGrads((m: Tensor, k: Tensor) => kepler(m, k), [M, e], { order: 2 });
    const slope = grad((m: Tensor) => kepler(m, 0.8));
    const batch = jit(vmap(slope))(tensor([0.1, 2, -4])).dataSync();
    [0.1, 2, -4].forEach((m, i) => {
      expect(batch[i]).toBeCloseTo(slope(m).item(), 13);
    });
    const E = kepler(2, 0.8).item();
    const curvature = (-0.8 * Math.sin(E)) / (1 - 0.8 * Math.cos(E)) ** 3;
    expect(hessian((m: Tensor) => kepler(m, 0.8))(2).item()).toBeCloseTo(curvature, 13);
  });

  test('refuses orbits that are not ellipses, and what is no number', () => {
    expect(() => kepler(1, 1)).toThrow(
      'the eccentricity is 1; it must be at least 0 and less than 1.',
    );
    expect(() => kepler(1, [0.5, -0.1])).toThrow('the eccentricity is -0.1');
    expect(() => kepler(Number.NaN, 0)).toThrow('the mean anomaly is NaN; it must be finite.');
  });
});
