import { fourDVar, lorenz96, trajectory, twinExperiment } from '@grad/assimilation';
import { type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';

const distance = (a: Tensor, b: Tensor): number => a.sub(b).square().mean().sqrt().item();

describe('a twin experiment', () => {
  const model = lorenz96();
  const start = Array.from({ length: 40 }, (_, i) => 8 + 3 * Math.sin(i));
  const truth = trajectory(model, start, 200).at(200);
  const observe = (x: Tensor): Tensor => x.at([0, 40, 2]);
  const steps = [2, 4, 6, 8, 10];

  test('is recovered by 4D-Var better than by the background', async () => {
    const twin = twinExperiment({ model, observe, truth, B: 1, R: 0.25, steps, seed: 1 });
    const { background, observations } = twin;
    const { analysis, cost, status } = await fourDVar({
      model,
      observe,
      background,
      B: 1,
      R: 0.25,
      observations,
    }).minimize();
    expect(status).toBe('converged');
    expect(twin.trajectory.shape).toEqual([11, 40]);
    expect(twin.trajectory.at(0).toArray()).toEqual(truth.toArray());
    const before = distance(background, truth);
    expect(before).toBeGreaterThan(0.7);
    expect(distance(analysis, truth)).toBeLessThan(before / 2);
    // The least cost is half a chi-squared number of as many degrees of freedom as observations.
    expect(cost).toBeGreaterThan(50 - 3 * Math.sqrt(50));
    expect(cost).toBeLessThan(50 + 3 * Math.sqrt(50));
  });

  test('has the states of the model, and observations of these very states', () => {
    const late = [3, 50, 400];
    const twin = twinExperiment({ model, truth, B: 1, R: 1e-30, steps: late });
    expect(twin.trajectory.shape).toEqual([401, 40]);
    for (let step = 0; step < 10; step++) {
      const next = model(twin.trajectory.at(step));
      expect(distance(twin.trajectory.at(step + 1), next)).toBeLessThan(1e-13);
    }
    // In chaos a run that differs in one bit would be another one by now.
    twin.observations.forEach(({ value }, k) => {
      expect(distance(tensor(value), twin.trajectory.at(late[k] ?? 0))).toBeLessThan(1e-13);
    });
  });

  test('is the same for the same seed, and another for another', () => {
    const make = (seed: number): unknown =>
      twinExperiment({ model, truth, B: 1, R: 1, steps, seed }).background.toArray();
    expect(make(3)).toEqual(make(3));
    expect(make(3)).not.toEqual(make(4));
  });

  test('makes errors of the covariances it is given', () => {
    const still = (x: Tensor): Tensor => x.mul(1);
    const B = [
      [4, 1],
      [1, 0.5],
    ];
    const count = 4000;
    const { observations } = twinExperiment({
      model: still,
      truth: [1, 2],
      B: 1,
      R: B,
      steps: Array.from({ length: count }, (_, i) => i),
    });
    const errors = observations.map(({ value }) => {
      const [a = 0, b = 0] = tensor(value).dataSync();
      return [a - 1, b - 2] as const;
    });
    const mean = (f: (e: readonly [number, number]) => number): number =>
      errors.reduce((total, e) => total + f(e), 0) / count;
    expect(mean(([a]) => a)).toBeCloseTo(0, 0);
    expect(Math.abs(mean(([a]) => a * a) - 4)).toBeLessThan(0.3);
    expect(Math.abs(mean(([a, b]) => a * b) - 1)).toBeLessThan(0.1);
    expect(Math.abs(mean(([, b]) => b * b) - 0.5)).toBeLessThan(0.04);
  });
});
