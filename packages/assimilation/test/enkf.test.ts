import {
  type EnkfOptions,
  enkf,
  fourDVar,
  gaspariCohn,
  lorenz96,
  optimalInterpolation,
  twinExperiment,
} from '@grad/assimilation';
import { grad, jit, matmul, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

const [members, n] = [9, 4];
const ensemble = random.normal(random.key(3), [members, n]).add([1, -2, 0.5, 3]);
const still = (x: Tensor): Tensor => x.mul(1);
const observe = (x: Tensor): Tensor =>
  matmul(
    tensor([
      [1, 0.5, 0, 0],
      [0, 1, -1, 0],
      [0, 0, 2, 1],
    ]),
    x,
  );
const R = [
  [0.4, 0.1, 0],
  [0.1, 0.3, 0.05],
  [0, 0.05, 0.6],
];
const value = [0.3, -2.2, 4];
const key = random.key(7);

const meanOf = (E: Tensor): Tensor => E.mean({ axis: 0 });
function covarianceOf(E: Tensor): Tensor {
  const X = E.sub(meanOf(E));
  return matmul(X.transpose(), X).div((E.shape[0] ?? 1) - 1);
}
const distance = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

/** What the Kalman filter makes of the mean and covariance of the ensemble. */
const kalman = optimalInterpolation({ observe, B: covarianceOf(ensemble), R });
const everywhere = { radius: 1e9, distance: () => 0 };

describe('an analysis', () => {
  const exact: [string, EnkfOptions][] = [
    ['etkf', { model: still, observe, R }],
    ['etkf with a rotation', { model: still, observe, R, rotate: true }],
  ];
  test.each(exact)('by %s has the mean and covariance of the Kalman filter', (_, options) => {
    const after = enkf(options).analyze(ensemble, value, key);
    expect(distance(meanOf(after), kalman.analyze(meanOf(ensemble), value))).toBeLessThan(1e-12);
    expect(distance(covarianceOf(after), kalman.analysisCovariance)).toBeLessThan(1e-12);
  });

  test('a rotation changes the members all the same', () => {
    const [a, b] = [false, true].map((rotate) =>
      enkf({ model: still, observe, R, rotate }).analyze(ensemble, value, key),
    );
    expect(a && b && distance(a, b)).toBeGreaterThan(0.1);
  });

  test('by letkf is that of etkf where all observations are near', () => {
    const given = { model: still, observe, R: [0.4, 0.3, 0.6] };
    const local = enkf({ ...given, variant: 'letkf', localization: everywhere });
    const after = local.analyze(ensemble, value);
    expect(distance(after, enkf(given).analyze(ensemble, value))).toBeLessThan(1e-12);
  });

  test('with perturbed observations has the mean of the Kalman filter, and its covariance on average', () => {
    const filter = enkf({ model: still, observe, R, variant: 'perturbed' });
    const draws = random.split(random.key(1), 2000);
    const all = vmap((k: Tensor) => filter.analyze(ensemble, value, k))(
      tensor(draws.map((draw) => draw.toArray())).astype('int32'),
    );
    expect(distance(meanOf(all.at(0)), kalman.analyze(meanOf(ensemble), value))).toBeLessThan(
      1e-12,
    );
    const covariance = vmap(covarianceOf)(all).mean({ axis: 0 });
    const size = kalman.analysisCovariance.abs().max().item();
    expect(distance(covariance, kalman.analysisCovariance)).toBeLessThan(0.03 * size);
    expect(distance(covarianceOf(all.at(0)), kalman.analysisCovariance)).toBeGreaterThan(
      0.05 * size,
    );
  });

  test('inflates the perturbations and leaves the mean', () => {
    const [plain, wide] = [1, 1.5].map((inflation) =>
      enkf({ model: still, observe, R, inflation }).analyze(ensemble, value),
    );
    if (!plain || !wide) throw new Error('two analyses were made');
    expect(distance(meanOf(wide), meanOf(plain))).toBeLessThan(1e-14);
    expect(distance(covarianceOf(wide), covarianceOf(plain).mul(2.25))).toBeLessThan(1e-13);
  });

  test.each(['letkf', 'perturbed'] as const)('by %s changes nothing out of reach', (variant) => {
    const localization = { radius: 0.5, distance: (i: number, j: number) => Math.abs(i - j) };
    const options: EnkfOptions = {
      model: still,
      R: [0.1, 1e12, 1e12, 1e12],
      variant,
      localization,
    };
    const after = enkf(options).analyze(ensemble, [5, 0, 0, 0], key);
    expect(distance(meanOf(after).at([1, 4]), meanOf(ensemble).at([1, 4]))).toBeLessThan(1e-8);
    expect(distance(meanOf(after).at(0), meanOf(ensemble).at(0))).toBeGreaterThan(1);
  });

  test('with perturbed observations weights covariances by distance', () => {
    const localization = { radius: 2, distance: (i: number, j: number) => Math.abs(i - j) };
    const filter = enkf({ model: still, R: 0.5, variant: 'perturbed', localization });
    const places = [0, 1, 2, 3];
    const taper = tensor(places.map((i) => places.map((j) => gaspariCohn((i - j) / 2))));
    const B = covarianceOf(ensemble).mul(taper);
    const y = [0, 1, 2, 3];
    const expected = optimalInterpolation({ B, R: 0.5 }).analyze(meanOf(ensemble), y);
    expect(distance(meanOf(filter.analyze(ensemble, y, key)), expected)).toBeLessThan(1e-12);
  });
});

describe('derivatives', () => {
  const local = { radius: 2, distance: (i: number, j: number) => Math.abs(i - j) };
  const filters: [string, EnkfOptions][] = [
    ['etkf', { model: still, observe, R }],
    ['perturbed', { model: still, observe, R, variant: 'perturbed' }],
    [
      'letkf',
      { model: still, observe, R: 0.5, variant: 'letkf', localization: local, inflation: 1.1 },
    ],
  ];
  test.each(filters)('of an analysis by %s are right in both arguments', (_, options) => {
    const filter = enkf(options);
    checkGrads((E: Tensor, y: Tensor) => filter.analyze(E, y, key), [ensemble, tensor(value)]);
  });

  test.each(filters)('by %s are the same under jit, and of a batch', (_, options) => {
    const filter = enkf(options);
    const f = (y: Tensor): Tensor => filter.analyze(ensemble, y, key).square().sum();
    const y = tensor(value);
    const slope = grad(f)(y);
    expect(distance(jit(grad(f))(y), slope)).toBeLessThan(1e-12);
    const batch = vmap(grad(f))(tensor([value, [1, 2, 3]]));
    expect(distance(batch.at(0), slope)).toBeLessThan(1e-12);
    expect(distance(batch.at(1), grad(f)(tensor([1, 2, 3])))).toBeLessThan(1e-12);
  });
});

describe('gaspariCohn', () => {
  test('has the values of the paper, is even, and smooth where the pieces meet', () => {
    const expected = [1, 0.68489583333, 5 / 24, 0.01649305556, 0, 0];
    [0, 0.5, 1, 1.5, 2, 3].forEach((r, i) => {
      expect(gaspariCohn(r)).toBeCloseTo(expected[i] ?? Number.NaN, 10);
      expect(gaspariCohn(-r)).toBe(gaspariCohn(r));
    });
    const slope = (r: number, h: number) => (gaspariCohn(r + h) - gaspariCohn(r)) / h;
    expect(slope(1, -1e-6)).toBeCloseTo(slope(1, 1e-6), 5);
    expect(slope(2, -1e-4)).toBeCloseTo(0, 5);
  });
});

describe('a run', () => {
  const model = lorenz96();
  const truth = Array.from({ length: 40 }, (_, i) => 8 + 3 * Math.sin(i));
  const twin = twinExperiment({ model, truth, B: 1, R: 1, steps: [0, 2, 3, 7, 8, 20], seed: 2 });
  const { background, observations } = twin;
  const start = background.add(random.normal(random.key(5), [20, 40]));
  const filter = enkf({ model, R: 1 });

  test('takes forecasts and analyses by turns, at the steps of the observations', async () => {
    const cycles: number[] = [];
    const run = await filter.run({
      ensemble: start,
      observations,
      onCycle: ({ step }) => cycles.push(step),
    });
    expect([run.status, cycles]).toEqual(['completed', [0, 2, 3, 7, 8, 20]]);
    expect(run.analyses.shape).toEqual([6, 40]);
    let [E, now] = [start, 0];
    observations.forEach(({ step, value: y }, k) => {
      for (; now < step; now++) E = vmap(model)(E);
      expect(distance(run.forecasts.at(k), meanOf(E))).toBeLessThan(1e-9);
      E = filter.analyze(E, y);
      expect(distance(run.analyses.at(k), meanOf(E))).toBeLessThan(1e-9);
      const spread = Math.sqrt(
        covarianceOf(E)
          .mul(
            tensor(
              Array.from({ length: 40 }, (_, i) =>
                Array.from({ length: 40 }, (_, j) => (i === j ? 1 : 0)),
              ),
            ),
          )
          .sum()
          .item() / 40,
      );
      expect(run.analysisSpread.at(k).item()).toBeCloseTo(spread, 9);
    });
    expect(distance(run.ensemble, E)).toBeLessThan(1e-9);
  });

  test('takes observations of some components, with errors of their own', async () => {
    const y = { step: 0, value: [9, 2], components: [3, 30], R: [0.5, 2] };
    const run = await filter.run({ ensemble: start, observations: [y] });
    const H = (x: Tensor): Tensor => x.at([3, 31, 27]);
    const { analyze } = optimalInterpolation({
      observe: H,
      B: covarianceOf(start).add(
        tensor(
          Array.from({ length: 40 }, (_, i) =>
            Array.from({ length: 40 }, (_, j) => (i === j ? 1e-13 : 0)),
          ),
        ),
      ),
      R: [0.5, 2],
    });
    expect(distance(run.analyses.at(0), analyze(meanOf(start), [9, 2]))).toBeLessThan(1e-9);
  });

  test('stops when it is told to, with what it has', async () => {
    const controller = new AbortController();
    const run = await filter.run({
      ensemble: start,
      observations,
      signal: controller.signal,
      onCycle: ({ cycle }) => {
        if (cycle === 1) controller.abort();
      },
    });
    expect([run.status, run.analyses.shape[0]]).toEqual(['aborted', 2]);
  });

  test('says when it diverged, and where', async () => {
    const wild = enkf({ model: (x) => x.square().mul(100), R: 1 });
    const run = await wild.run({ ensemble: start, observations });
    expect(run.status).toBe('diverged');
    expect(run.message).toMatch(/After observation \d+ \(step \d+\) members are not finite/);
    expect(run.ensemble.dataSync().every(Number.isFinite)).toBe(true);
  });

  test('draws the same from the same key', async () => {
    const drawn = enkf({ model, R: 1, variant: 'perturbed' });
    const end = async (seed: number) =>
      (
        await drawn.run({ ensemble: start, observations, key: random.key(seed) })
      ).ensemble.toArray();
    expect(await end(1)).toEqual(await end(1));
    expect(await end(1)).not.toEqual(await end(2));
  });
});

describe('enkf refuses', () => {
  const local = { radius: 1, distance: () => 0 };
  const cases: [string, object, RegExp][] = [
    ['an unknown variant', { variant: 'enks' }, /variant is 'enks'.*etkf or perturbed or letkf/],
    ['an inflation of 0', { inflation: 0 }, /inflation is 0/],
    ['letkf without localization', { variant: 'letkf' }, /letkf needs a localization/],
    ['etkf with it', { localization: local }, /etkf has no localization/],
    ['a radius of 0', { variant: 'letkf', localization: { ...local, radius: 0 } }, /radius.* is 0/],
    [
      'localized perturbed observations without distances among them',
      { variant: 'perturbed', localization: local, observe },
      /give localization.observedDistance/,
    ],
  ];
  test.each(cases)('%s', (_, change, message) => {
    const options: EnkfOptions = JSON.parse(JSON.stringify({ R: 1 }));
    expect(() => enkf({ ...options, model: still, ...change })).toThrow(message);
  });

  test('correlated errors where it localizes, and distances that are none', () => {
    const given = { model: still, observe, variant: 'letkf' as const };
    const correlated = enkf({ ...given, R, localization: local });
    expect(() => correlated.analyze(ensemble, value)).toThrow(/errors must be independent/);
    const nowhere = { radius: 1, distance: () => Number.NaN };
    expect(() => enkf({ ...given, R: 1, localization: nowhere }).analyze(ensemble, value)).toThrow(
      /distance of components 0 and 0 is NaN/,
    );
  });

  test('an ensemble of one, and a missing key', () => {
    expect(() => enkf({ model: still, R: 1 }).analyze([[1, 2]], [1, 2])).toThrow(
      /ensemble has shape \[1, 2\].*two members/,
    );
    expect(() =>
      enkf({ model: still, observe, R, variant: 'perturbed' }).analyze(ensemble, value),
    ).toThrow(/perturbed observations are drawn from a key/);
    expect(() => enkf({ model: still, observe, R, rotate: true }).analyze(ensemble, value)).toThrow(
      /a rotation is drawn from a key/,
    );
  });

  test('an observation of another length', () => {
    expect(() => enkf({ model: still, observe, R }).analyze(ensemble, [1, 2])).toThrow(
      /observation has shape \[2\].*3/,
    );
  });
});

test('an ensemble filter and 4D-Var agree on a linear model', async () => {
  const turn = (x: Tensor): Tensor =>
    matmul(
      tensor([
        [0.9, 0.3],
        [-0.3, 0.9],
      ]),
      x,
    );
  const start = random.normal(random.key(0), [6, 2]);
  const observations = [
    { step: 1, value: [0.5, 1] },
    { step: 4, value: [-0.2, 0.1] },
  ];
  const { analyses } = await enkf({ model: turn, R: 0.2 }).run({ ensemble: start, observations });
  const problem = fourDVar({
    model: turn,
    background: meanOf(start),
    B: covarianceOf(start),
    R: 0.2,
    observations,
  });
  const { trajectory } = await problem.minimize({ method: 'gaussNewton' });
  expect(distance(analyses.at(1), trajectory.at(4))).toBeLessThan(1e-11);
});
