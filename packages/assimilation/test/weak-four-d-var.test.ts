import { fourDVar, lorenz96, twinExperiment, weakFourDVar } from '@grad/assimilation';
import { grad, jit, matmul, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { kalmanSmoother } from './kalman-smoother.ts';
import { B, H, M, R } from './linear-system.ts';
import { inverse, product, transposed } from './plain-matrices.ts';

const Q = [
  [0.2, 0.05, 0],
  [0.05, 0.1, 0.02],
  [0, 0.02, 0.3],
];
const linear = {
  background: [1, -2, 0.5],
  B,
  Q,
  R,
  observations: [
    { step: 0, value: [0.3, -2.2] },
    { step: 3, value: [-1.1, 0.4] },
    { step: 4, value: [0.2, 0.9] },
    { step: 7, value: [1.2, -0.9] },
  ],
};
const given = {
  ...linear,
  model: (x: Tensor) => matmul(tensor(M), x),
  observe: (x: Tensor) => matmul(tensor(H), x),
};

describe('with a linear model', () => {
  const smoothed = tensor(kalmanSmoother({ ...linear, M, H }));

  test.each([
    ['gaussNewton', 'cvt'],
    ['gaussNewton', 'none'],
    ['incremental', 'cvt'],
    ['lbfgs', 'cvt'],
  ] as const)('states are those of the Kalman smoother (%s, %s)', async (method, transform) => {
    const problem = weakFourDVar(given);
    expect(problem.corrections).toBe(7);
    const end = await problem.minimize({ method, transform, gradientTolerance: 1e-9 });
    expect(end.status).toBe('converged');
    if (method === 'gaussNewton') expect(end.iterations).toBe(1);
    expect(end.trajectory.shape).toEqual([8, 3]);
    expect(end.trajectory.sub(smoothed).abs().max().item()).toBeLessThan(1e-9);
    expect(end.analysis.toArray()).toEqual(end.trajectory.at(0).toArray());
    expect(problem.cost(end.analysis, end.modelErrors).item()).toBeCloseTo(end.cost, 10);
    // Errors are what the model lacks from state to state.
    const forecast = matmul(end.trajectory.at([0, 7]), tensor(M).transpose());
    const lacking = end.trajectory.at([1, 8]).sub(forecast);
    expect(lacking.sub(end.modelErrors).abs().max().item()).toBeLessThan(1e-12);
  });

  test('the cost is that of the definition', () => {
    const states = [[0.5, 1, -1]];
    const errors = Array.from({ length: 7 }, (_, k) => [Math.sin(k), Math.cos(k), 0.3 * k]);
    for (const [k, e] of errors.entries()) {
      const next = product(M, transposed([states[k] ?? []])).flat();
      states.push(next.map((v, i) => v + (e[i] ?? 0)));
    }
    const square = (d: readonly number[], C: readonly (readonly number[])[]): number =>
      (product(product([d], inverse(C)), transposed([d]))[0]?.[0] ?? 0) / 2;
    const first = states[0] ?? [];
    let expected = square(
      first.map((v, i) => v - (linear.background[i] ?? 0)),
      B,
    );
    for (const e of errors) expected += square(e, Q);
    for (const { step, value } of linear.observations) {
      const seen = product(H, transposed([states[step] ?? []])).flat();
      expected += square(
        value.map((y, i) => y - (seen[i] ?? 0)),
        R,
      );
    }
    expect(weakFourDVar(given).cost(first, errors).item()).toBeCloseTo(expected, 10);
  });
});

describe('weakFourDVar', () => {
  const model = lorenz96();
  const truth = Array.from({ length: 8 }, (_, i) => 8 + 3 * Math.sin(i));
  const steps = [2, 4, 6, 8, 10, 12];
  const make = (forcing: number) => {
    const {
      background,
      observations,
      trajectory: states,
    } = twinExperiment({
      model: lorenz96({ forcing }),
      truth,
      B: 0.1,
      R: 0.01,
      steps,
    });
    return { states, given: { model, background, B: 0.1, R: 0.01, observations } };
  };

  test('has right derivatives, under jit and vmap too', () => {
    const problem = weakFourDVar({ ...make(8).given, Q: 0.01, every: 4 });
    expect(problem.corrections).toBe(3);
    const x = tensor(truth).add(0.2);
    const e = random.normal(random.key(0), [3, 8]).mul(0.1);
    checkGrads((state: Tensor, errors: Tensor) => problem.cost(state, errors), [x, e]);
    const f = (errors: Tensor): Tensor => problem.cost(x, errors);
    const slope = grad(f)(e);
    expect(jit(grad(f))(e).sub(slope).abs().max().item()).toBeLessThan(1e-9);
    const batch = vmap(grad(f))(e.expandDims(0));
    expect(batch.at(0).sub(slope).abs().max().item()).toBeLessThan(1e-9);
  });

  test('is strong-constraint 4D-Var where the model is trusted', async () => {
    const { given: options } = make(8);
    const strong = await fourDVar(options).minimize({ method: 'gaussNewton' });
    const weak = await weakFourDVar({ ...options, Q: 1e-14 }).minimize({ method: 'gaussNewton' });
    expect([strong.status, weak.status]).toEqual(['converged', 'converged']);
    expect(weak.cost).toBeCloseTo(strong.cost, 6);
    expect(weak.analysis.sub(strong.analysis).abs().max().item()).toBeLessThan(1e-6);
  });

  test('finds what the model lacks', async () => {
    // The true forcing is 10, and the model believes in 8: each step of 0.05 lacks 0.1.
    const { states, given: options } = make(10);
    const [strong, weak] = [
      await fourDVar(options).minimize({ method: 'gaussNewton' }),
      await weakFourDVar({ ...options, Q: 0.04 }).minimize({ method: 'gaussNewton' }),
    ];
    expect([strong.status, weak.status]).toEqual(['converged', 'converged']);
    const error = (found: Tensor) => found.sub(states).square().mean().sqrt().item();
    expect(error(weak.trajectory)).toBeLessThan(0.4 * error(strong.trajectory));
    expect(weak.modelErrors.shape).toEqual([12, 8]);
    expect(Math.abs(weak.modelErrors.mean().item() - 0.1)).toBeLessThan(0.03);
  });

  test('adds errors after every so many steps, and checkpoints', async () => {
    const options = { ...make(8).given, Q: 0.01, every: 5 };
    const problem = weakFourDVar(options);
    const errors = random.normal(random.key(1), [2, 8]);
    let [x, cost] = [tensor(truth), 0];
    const start = problem.cost(truth, errors.mul(0)).item();
    expect(start).toBeGreaterThan(0);
    const by = new Map(options.observations.map(({ step, value }) => [step, tensor(value)]));
    for (let step = 0; step <= 12; step++) {
      if (step > 0) x = model(x);
      if (step === 5 || step === 10) x = x.add(errors.at(step / 5 - 1));
      cost += by.get(step)?.sub(x).square().sum().item() ?? 0;
    }
    const first = tensor(truth).sub(options.background).square().sum().item() / 0.2;
    const expected = cost / 0.02 + errors.square().sum().item() / 0.02 + first;
    expect(problem.cost(truth, errors).item() / expected).toBeCloseTo(1, 10);
    const kept = weakFourDVar({ ...options, checkpoint: 3 });
    const slope = (p: typeof problem) => grad((e: Tensor) => p.cost(truth, e))(errors).toArray();
    expect(slope(kept)).toEqual(slope(problem));
  });

  test.each([
    [{ every: 0 }, /weakFourDVar: every is 0/],
    [{ every: 13 }, /last observation is at step 12, before the first correction at step 13/],
    [{ Q: -1 }, /weakFourDVar: Q: the variance is -1/],
    [{ B: -1 }, /weakFourDVar: B: the variance is -1/],
    [{ observations: [] }, /weakFourDVar: there are no observations/],
  ])('refuses %j', (change, message) => {
    expect(() => weakFourDVar({ ...make(8).given, Q: 1, ...change })).toThrow(message);
  });

  test('refuses model errors of another shape', () => {
    const problem = weakFourDVar({ ...make(8).given, Q: 1, every: 6 });
    expect(() => problem.cost(truth, [[1, 2]])).toThrow(/shape \[1, 2\]; they must be \[2, 8\]/);
  });
});
