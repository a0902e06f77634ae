import { optimalInterpolation, threeDVar } from '@grad/assimilation';
import { exp, matmul, type Tensor, tensor } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { B, H, R } from './linear-system.ts';
import { column, inverse, plus, product, transposed } from './plain-matrices.ts';

const background = [1, -2, 0.5];
const observation = [0.3, -2.2];
const observe = (x: Tensor): Tensor => matmul(tensor(H), x);

/** Gain, analysis and its covariance by their textbook formulas. */
const PH = product(B, transposed(H));
const gain = product(PH, inverse(plus(product(H, PH), R)));
const departure = observation.map((y, i) => y - (product(H, column(background))[i]?.[0] ?? 0));
const analysis = plus(column(background), product(gain, column(departure))).flat();
const minusGain = product(gain, H).map((row, i) => row.map((v, j) => (i === j ? 1 : 0) - v));
const covariance = product(minusGain, B);

const near = (a: Tensor, b: readonly (readonly number[])[] | readonly number[], digits = 12) =>
  expect(a.sub(tensor(b)).abs().max().item()).toBeLessThan(10 ** -digits);

describe('optimalInterpolation', () => {
  const oi = optimalInterpolation({ observe, B, R });

  test('is the best linear unbiased estimate', () => {
    near(oi.gain, gain);
    near(oi.analysisCovariance, covariance);
    near(oi.analyze(background, observation), analysis);
  });

  test('takes variances for a diagonal', () => {
    const [b, r] = [
      [2, 3],
      [0.5, 1],
    ];
    const { gain } = optimalInterpolation({ B: b, R: r });
    near(gain, [
      [2 / 2.5, 0],
      [0, 3 / 4],
    ]);
  });

  test('can be differentiated', () => {
    checkGrads(
      (xb: Tensor, y: Tensor) => oi.analyze(xb, y).square().sum(),
      [tensor(background), tensor(observation)],
    );
  });

  test('refuses a single variance of the state, and what does not fit', () => {
    expect(() => optimalInterpolation({ B: 1, R: 1 })).toThrow(/B is a single variance/);
    expect(() => optimalInterpolation({ B: [1, 2], R: [1, 2, 3] })).toThrow(/R: .*2 errors/);
    expect(() => optimalInterpolation({ B: [1, 2], R: 1, observe: (x) => x.sum() })).toThrow(
      /observe\(state\) has shape \[\]/,
    );
    expect(() => oi.analyze([1, 2], observation)).toThrow(/background has shape \[2\]/);
  });
});

describe('threeDVar', () => {
  test.each(['lbfgs', 'gaussNewton', 'incremental'] as const)(
    'finds the same by %s where the operator is linear',
    async (method) => {
      const problem = threeDVar({ observe, background, B, R, observation });
      const end = await problem.minimize({ method, gradientTolerance: 1e-12 });
      expect(end.status).toBe('converged');
      near(end.analysis, analysis, 11);
      expect(end.trajectory.toArray()).toEqual([end.analysis.toArray()]);
    },
  );

  test('finds the minimum of a bent operator, where the gradient is 0', async () => {
    const problem = threeDVar({
      observe: (x) => exp(x),
      background: [0],
      B: 1,
      R: 0.1,
      observation: [3],
    });
    const { analysis: found, status } = await problem.minimize({ method: 'gaussNewton' });
    expect(status).toBe('converged');
    const x = found.at(0).item();
    expect(x - (Math.exp(x) * (3 - Math.exp(x))) / 0.1).toBeCloseTo(0, 7);
    expect(x).toBeGreaterThan(1);
    expect(problem.cost([x]).item()).toBeCloseTo((x * x) / 2 + (3 - Math.exp(x)) ** 2 / 0.2, 12);
  });

  test('takes some components of what could be observed', async () => {
    const problem = threeDVar({ background, B, R: [0.3], observation: [2], components: [1] });
    const { analysis: found } = await problem.minimize();
    const oi = optimalInterpolation({ B, R: 0.3, observe: (x) => x.at([1, 2]) });
    near(found.sub(oi.analyze(background, [2])), [0, 0, 0], 8);
  });

  test('names itself where something is wrong', () => {
    const good = { background, B, R: 1, observation: [1, 2, 3] };
    expect(() => threeDVar({ ...good, B: -1 })).toThrow(/threeDVar: B: the variance is -1/);
    expect(() => threeDVar({ ...good, observation: [1] })).toThrow(/threeDVar: observation 0.*3/);
    expect(() => threeDVar({ ...good, background: [[1]] })).toThrow(/threeDVar: the background/);
  });
});
