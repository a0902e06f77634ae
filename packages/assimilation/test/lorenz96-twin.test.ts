/**
 * The twin experiment of P. Sakov and P. Oke, Tellus 60A (2008) 361, on Lorenz-96: everything is observed at each step with
 * errors of variance 1; errors of analyses are root mean squares, averaged over 1000 cycles after 400.
 */

import {
  type EnkfOptions,
  enkf,
  lorenz96,
  optimalInterpolation,
  threeDVar,
  trajectory,
  twinExperiment,
} from '@grad/assimilation';
import { jit, matmul, random, scan, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';

const n = 40;
const model = lorenz96({ forcing: 8, dt: 0.05 });
const start = Array.from({ length: n }, (_, i) => (i === 0 ? 8.01 : 8));
const free = trajectory(model, start, 20_500).at([501, 20_501]);
const climate = free.mean({ axis: 0 });
const deviations = free.sub(climate);
const C = matmul(deviations.transpose(), deviations).div(19_999);

const [burnIn, cycles] = [400, 1000];
const steps = Array.from({ length: burnIn + cycles }, (_, i) => i + 1);
const truth = free.at(-1);
// Errors at the start are small, as in the experiment: what an ensemble of 24 cannot span must grow into its span.
const twin = twinExperiment({ model, truth, B: 0.001, R: 1, steps });
const { background, observations } = twin;
const trueStates = twin.trajectory.at([1, steps.length + 1]);
const values = tensor(observations.map(({ value }) => tensor(value).toArray()));

const error = (analyses: Tensor): number =>
  analyses
    .sub(trueStates)
    .at([burnIn, burnIn + cycles])
    .square()
    .mean({ axis: 1 })
    .sqrt()
    .mean()
    .item();

describe('errors of analyses of Lorenz-96 are those of the literature', () => {
  test('climatology: 3.6', () => {
    expect(Math.abs(error(climate.add(trueStates.mul(0))) - 3.6)).toBeLessThan(0.1);
  });

  test('optimal interpolation from the climate: 0.95', () => {
    const { analyze } = optimalInterpolation({ B: C, R: 1 });
    const each = jit((ys: Tensor) => scan((c: Tensor, y) => [c, analyze(climate, y)], 0, ys)[1]);
    expect(Math.abs(error(each(values)) - 0.95)).toBeLessThan(0.02);
  });

  const B = C.mul(0.02);
  const { analyze } = optimalInterpolation({ B, R: 1 });
  const cycled = jit(
    (ys: Tensor) =>
      scan(
        (state: Tensor, y) => {
          const analysis = analyze(model(state), y);
          return [analysis, analysis];
        },
        background,
        ys,
      )[1],
  )(values);

  test('3D-Var with 0.02 of the covariance of the climate: 0.41', () => {
    expect(Math.abs(error(cycled) - 0.41)).toBeLessThan(0.02);
  });

  test('a minimization of 3D-Var in each cycle gives these analyses', async () => {
    let state = background;
    for (const [cycle, { value }] of observations.slice(0, 15).entries()) {
      const problem = threeDVar({ background: model(state), B, R: 1, observation: value });
      const { analysis, status, iterations } = await problem.minimize({ method: 'gaussNewton' });
      expect([status, iterations]).toEqual(['converged', 1]);
      expect(analysis.sub(cycled.at(cycle)).abs().max().item()).toBeLessThan(1e-6);
      state = analysis;
    }
  });

  const around = (i: number, j: number) => Math.min(Math.abs(i - j), n - Math.abs(i - j));
  const filters: [string, number, number, Partial<EnkfOptions>][] = [
    ['etkf', 24, 0.18, { inflation: 1.013, rotate: true }],
    ['perturbed', 40, 0.22, { variant: 'perturbed', inflation: 1.06 }],
    [
      'letkf',
      7,
      0.22,
      {
        variant: 'letkf',
        inflation: 1.04,
        rotate: true,
        localization: { radius: 7.3, distance: around },
      },
    ],
  ];
  test.each(filters)('%s with %d members: %d', async (_, members, expected, options) => {
    const ensemble = background.add(
      random.normal(random.key(1), [members, n]).mul(Math.sqrt(0.001)),
    );
    const run = await enkf({ model, R: 1, ...options }).run({ ensemble, observations });
    expect(run.status).toBe('completed');
    expect(Math.abs(error(run.analyses) - expected)).toBeLessThan(0.02);
    const spread = run.analysisSpread
      .at([burnIn, burnIn + cycles])
      .mean()
      .item();
    expect(spread / error(run.analyses)).toBeGreaterThan(0.95);
    expect(spread / error(run.analyses)).toBeLessThan(1.3);
  });
});
