import {
  fourDVar,
  lorenz96,
  type MinimizeOptions,
  trajectory,
  twinExperiment,
} from '@grad/assimilation';
import { atan, matmul, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { kalmanSmoother } from './kalman-smoother.ts';
import { problem as lorenz63Problem } from './lorenz63-case.ts';

const M = [
  [0.9, 0.3, 0],
  [-0.3, 0.9, 0.1],
  [0, -0.2, 0.95],
];
const H = [
  [1, 0.5, 0],
  [0, 1, -1],
];
const linear = {
  background: [1, -2, 0.5],
  B: [
    [2, 0.5, 0.1],
    [0.5, 1, 0.3],
    [0.1, 0.3, 1.5],
  ],
  R: [
    [0.4, 0.1],
    [0.1, 0.3],
  ],
  observations: [
    { step: 0, value: [0.3, -2.2] },
    { step: 3, value: [-1.1, 0.4] },
    { step: 4, value: [0.2, 0.9] },
  ],
};
const problem = fourDVar({
  ...linear,
  model: (x: Tensor) => matmul(tensor(M), x),
  observe: (x: Tensor) => matmul(tensor(H), x),
});
const everyWay = (['gaussNewton', 'incremental'] as const).flatMap((method) =>
  (['none', 'cvt'] as const).map((transform): [string, MinimizeOptions] => [
    `${method}, ${transform}`,
    { method, transform },
  ]),
);

describe('a linear model', () => {
  test.each(['none', 'cvt'] as const)(
    'takes one Gauss-Newton step and equals the Kalman smoother (transform %s)',
    async (transform) => {
      const end = await problem.minimize({ method: 'gaussNewton', transform });
      expect([end.status, end.iterations]).toEqual(['converged', 1]);
      const Q = M.map((row) => row.map(() => 0));
      const smoothed = kalmanSmoother({ ...linear, M, H, Q });
      expect(end.trajectory.shape).toEqual([5, 3]);
      smoothed.forEach((state, step) => {
        state.forEach((value, i) => {
          expect(end.trajectory.at(step, i).item()).toBeCloseTo(value, 12);
        });
      });
    },
  );

  test('needs as many inner iterations as it has directions that observations see, and one', async () => {
    const n = 60;
    const seen = fourDVar({
      model: (x) => x.mul(0.5),
      observe: (x) => x.at([0, 3]),
      background: new Float64Array(n).fill(1),
      B: Array.from({ length: n }, (_, i) => 1 + i / n),
      R: [0.1, 0.5, 2],
      observations: [{ step: 2, value: [3, -1, 2] }],
    });
    const end = await seen.minimize({ method: 'gaussNewton' });
    expect([end.status, end.iterations]).toEqual(['converged', 1]);
    expect(end.innerIterations).toBeLessThanOrEqual(4);
  });
});

describe('Lorenz-63', () => {
  test.each(everyWay)('reaches the published minimum by %s', async (_, how) => {
    const end = await lorenz63Problem.minimize(how);
    expect(end.status).toBe('converged');
    expect(end.cost.toFixed(12)).toBe('6.882955684150');
    expect(end.backgroundCost.toFixed(12)).toBe('73.932939578145');
    expect(end.gradientNorm).toBeLessThan(1e-8);
    expect(end.innerIterations).toBeGreaterThan(end.iterations);
  });

  test('says what happens, and stops when it is told to', async () => {
    const controller = new AbortController();
    const costs: number[] = [];
    const end = await lorenz63Problem.minimize({
      method: 'incremental',
      signal: controller.signal,
      onIteration: ({ iteration, cost, state, innerIterations }) => {
        costs.push(cost);
        expect(lorenz63Problem.cost(state).item()).toBeCloseTo(cost, 10);
        expect(innerIterations > 0).toBe(iteration > 0);
        if (iteration === 2) controller.abort();
      },
    });
    expect([end.status, end.iterations, costs.length]).toEqual(['aborted', 2, 3]);
    expect(costs.at(-1)).toBe(end.cost);
  });

  test('takes no more inner iterations than it is told to', async () => {
    const counts: number[] = [];
    const end = await lorenz63Problem.minimize({
      method: 'incremental',
      innerIterations: 1,
      maxIterations: 5,
      onIteration: ({ innerIterations }) => counts.push(innerIterations),
    });
    expect(end.status).toBe('maxIterations');
    expect(counts).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('tells how far its calls have come', async () => {
    const fractions: (number | null)[] = [];
    await lorenz63Problem.minimize({
      method: 'gaussNewton',
      maxIterations: 1,
      onProgress: ({ fraction }) => fractions.push(fraction),
    });
    expect(fractions.filter((fraction) => fraction === 1)).toHaveLength(3);
  });

  test('says when iterations did not do', async () => {
    const end = await lorenz63Problem.minimize({ method: 'gaussNewton', maxIterations: 2 });
    expect([end.status, end.iterations]).toEqual(['maxIterations', 2]);
    expect(end.message).toMatch(/After 2 outer iterations the norm of the gradient is/);
  });
});

test('incremental 4D-Var of Lorenz-96 needs fewer inner iterations than Gauss-Newton, and finds the same', async () => {
  const model = lorenz96();
  const start = Array.from({ length: 40 }, (_, i) => 8 + 3 * Math.sin(i));
  const truth = trajectory(model, start, 200).at(200);
  const steps = [2, 4, 6, 8, 10];
  const { background, observations } = twinExperiment({ model, truth, B: 1, R: 0.25, steps });
  const twin = fourDVar({ model, background, B: 1, R: 0.25, observations });
  const [full, short] = [
    await twin.minimize({ method: 'gaussNewton' }),
    await twin.minimize({ method: 'incremental' }),
  ];
  expect([full.status, short.status]).toEqual(['converged', 'converged']);
  expect(short.cost).toBeCloseTo(full.cost, 9);
  expect(short.innerIterations).toBeLessThan(full.innerIterations / 2);
});

test('a checkpointed window has the same cost, gradient and minimum', async () => {
  const model = lorenz96();
  const options = {
    model,
    background: Array.from({ length: 40 }, (_, i) => 8 + Math.sin(i)),
    B: 0.01,
    R: 1,
    observations: [
      { step: 7, value: new Float64Array(40).fill(2) },
      { step: 20, value: new Float64Array(40).fill(1) },
    ],
  };
  const [stored, kept] = [fourDVar(options), fourDVar({ ...options, checkpoint: 4 })];
  const x = options.background;
  expect(kept.gradient(x).toArray()).toEqual(stored.gradient(x).toArray());
  const ends = [stored, kept].map((at) => at.minimize({ method: 'gaussNewton', maxIterations: 2 }));
  const [a, b] = await Promise.all(ends);
  expect(b?.cost).toBeCloseTo(a?.cost ?? Number.NaN, 9);
});

test('steps are shortened where the full one would make the cost rise', async () => {
  // Residuals atan(10 x) and x / 10: from x = 1 a full step goes far beyond the minimum at 0.
  const bent = fourDVar({
    model: (x) => x,
    observe: (x) => atan(x.mul(10)),
    background: [1],
    B: 100,
    R: 1,
    observations: [{ step: 0, value: [0] }],
  });
  const costs: number[] = [];
  const end = await bent.minimize({
    method: 'gaussNewton',
    onIteration: ({ cost }) => costs.push(cost),
  });
  expect(end.status).toBe('converged');
  expect(end.evaluations).toBeGreaterThan(end.iterations + 1);
  expect(costs.every((cost, i) => i === 0 || cost <= (costs[i - 1] ?? 0))).toBe(true);
});

test('a model that leaves the numbers is said to', async () => {
  const wild = fourDVar({
    model: (x) => x.exp(),
    background: [10],
    B: 1,
    R: 1,
    observations: [{ step: 5, value: [0] }],
  });
  const end = await wild.minimize({ method: 'gaussNewton' });
  expect(end.status).toBe('notFinite');
  expect(end.message).toMatch(/At the start the value is/);
});

test.each([
  [{ maxIterations: 1.5 }, /fourDVar: maxIterations is 1.5/],
  [{ innerIterations: 0 }, /fourDVar: innerIterations is 0/],
  [{ innerTolerance: 1 }, /fourDVar: innerTolerance is 1/],
  [{ gradientTolerance: -1 }, /fourDVar: gradientTolerance is -1/],
])('refuses the options %j', async (options, message) => {
  await expect(problem.minimize({ method: 'gaussNewton', ...options })).rejects.toThrow(message);
});
