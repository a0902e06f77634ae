import { hamiltonian, optimalControl } from '@grad/control';
import { grad, stack, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { moonProblem } from './problems.ts';

/** The landing with the engine's exhaust speed and greatest thrust as parameters. */
const landing = (engine: { exhaust: number; weight: number }, initial = [1, -0.783, 1]) =>
  optimalControl({
    ...moonProblem(initial),
    parameters: engine,
    dynamics: (x, u, _t, { exhaust, weight }) => {
      const thrust = u.at(0);
      return stack([x.at(1), thrust.div(x.at(2)).sub(weight), thrust.div(exhaust).neg()]);
    },
  });
const engine = { exhaust: 2.349, weight: 1 };

describe.each(['collocation', 'indirect'] as const)('by %s', (method) => {
  const options = { method, arcs: ['lower', 'upper'], intervals: 6 } as const;
  const cost = async (of: typeof engine, initial?: number[]) => {
    const found = await landing(of, initial).solve(options);
    expect(found.status).toBe('converged');
    return found.cost;
  };

  test('the cost has its derivatives in the parameters', async () => {
    const { gradients } = await landing(engine).solve(options);
    for (const name of ['exhaust', 'weight'] as const) {
      const h = 1e-4;
      const up = await cost({ ...engine, [name]: engine[name] + h });
      const down = await cost({ ...engine, [name]: engine[name] - h });
      const found = gradients?.parameters[name].item() ?? Number.NaN;
      expect(Math.abs(found)).toBeGreaterThan(0.05);
      expect(found).toBeCloseTo((up - down) / (2 * h), 6);
    }
  });

  test('the cost has its derivatives in the start', async () => {
    const { gradients } = await landing(engine).solve(options);
    for (const i of [0, 1, 2]) {
      const h = 1e-4;
      const moved = (by: number) => [1, -0.783, 1].map((x, c) => (c === i ? x + by : x));
      const difference =
        ((await cost(engine, moved(h))) - (await cost(engine, moved(-h)))) / (2 * h);
      expect(gradients?.initial.at(i).item()).toBeCloseTo(difference, 6);
    }
  });
});

test('an explicit time counts from the start of the first phase', async () => {
  // Least energy under a known push cos t: u = c - cos t would be free of it, and the costate is -u.
  const found = await optimalControl({
    dynamics: (_x, u, t) => u.add(t.cos()),
    cost: (_x, u) => u.at(0).square().mul(0.5),
    initial: [0],
    terminal: [2],
    horizon: 2,
  }).solve({ method: 'indirect', intervals: 5 });
  const u = (2 - Math.sin(2)) / 2;
  expect(found.cost).toBeCloseTo(u * u, 10);
  const direct = await optimalControl({
    dynamics: (_x, v, t) => v.add(t.cos()),
    cost: (_x, v) => v.at(0).square().mul(0.5),
    initial: [0],
    terminal: [2],
    horizon: 2,
  }).solve({ phases: 2, intervals: 8 });
  expect(direct.cost).toBeCloseTo(u * u, 9);
});

test('the Hamiltonian takes time and parameters', () => {
  const problem = {
    dynamics: (x: ReturnType<typeof tensor>, u: typeof x, t: typeof x, a: typeof x) =>
      x.mul(a).add(u).add(t),
    parameters: 3,
  };
  const H = (u: ReturnType<typeof tensor>) => hamiltonian(problem, tensor([2]), tensor([5]), u, 7);
  expect(H(tensor([1])).item()).toBe(5 * (6 + 1 + 7));
  expect(
    grad(H)(tensor([1]))
      .at(0)
      .item(),
  ).toBe(5);
});
