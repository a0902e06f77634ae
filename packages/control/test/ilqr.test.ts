import { lqr, mpc, optimalControl } from '@grad/control';
import { eye, matmul, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { boundedVanDerPol, cart, moon, regulated, vanDerPol } from './problems.ts';

const ilqr = { method: 'ilqr' } as const;

describe('iLQR', () => {
  test('takes one step to the cost of a linear regulator and its derivative', async () => {
    const steps: number[] = [];
    const { cost, costates, status } = await optimalControl(regulated).solve({
      ...ilqr,
      onIteration: ({ iteration }) => steps.push(iteration),
    });
    expect(status).toBe('converged');
    expect(cost).toBeCloseTo(17.832331978623, 10);
    expect(costates.at(0, 0).item()).toBeCloseTo(35.664663957246, 10);
    expect(costates.at(0, 1).item()).toBeCloseTo(20.022564462391, 10);
    expect(steps).toEqual([0, 1]);
  });

  test("finds the optimum of CasADi's Van der Pol oscillator, on its bounds", async () => {
    const { cost, status, states } = await optimalControl(boundedVanDerPol).solve(ilqr);
    expect(status).toBe('converged');
    expect(Math.abs(cost - 3.732969484782)).toBeLessThan(1e-7);
    expect(states.at(null, 0).min().item()).toBeGreaterThan(-0.25 - 1e-8);
  });

  test('agrees with shooting where only controls are bounded', async () => {
    const problem = optimalControl({
      ...vanDerPol,
      bounds: { controls: { lower: [-0.3], upper: [0.7] } },
    });
    const own = await problem.solve(ilqr);
    const other = await problem.solve({ method: 'multipleShooting' });
    expect(own.cost).toBeCloseTo(other.cost, 7);
    expect(own.costates.at(3, 1).item()).toBeCloseTo(other.costates.at(3, 1).item(), 5);
    expect(own.controls.min().item()).toBe(-0.3);
    expect(own.controls.max().item()).toBe(0.7);
  });

  test('takes several controls, some of them at bounds', async () => {
    const problem = optimalControl({
      dynamics: (x, u) =>
        matmul(
          tensor([
            [0, 1],
            [-1, 0.3],
          ]),
          x,
        ).add(
          matmul(
            tensor([
              [1, 0.4],
              [0.5, 1],
            ]),
            u,
          ),
        ),
      cost: (x, u) => x.square().sum().add(u.square().sum().mul(0.1)),
      initial: [2, -1],
      controls: 2,
      bounds: { controls: { lower: [-0.5, -0.8], upper: [0.5, 0.8] } },
      horizon: 3,
    });
    const own = await problem.solve(ilqr);
    const other = await problem.solve({ method: 'multipleShooting' });
    expect(own.cost).toBeCloseTo(other.cost, 7);
    expect(own.controls.sub(other.controls).abs().max().item()).toBeLessThan(1e-4);
  });

  test('reaches the end that is wanted, below a speed', async () => {
    const bounds = { states: { upper: [Infinity, 1.2] } };
    const { cost, states, status } = await optimalControl({ ...cart, bounds }).solve({
      ...ilqr,
      intervals: 8,
    });
    expect(status).toBe('converged');
    // With constant pieces speeds are 1 at 1/8, which leaves 1 for the way, and 1.2 from 1/4 on: 4 (2 + 2 / 25).
    expect(cost).toBeCloseTo(8.32, 6);
    expect(states.at(-1).abs().max().item()).toBeLessThan(1e-8);
    expect(states.at(4, 1).item()).toBeCloseTo(1.2, 7);
  });

  test('has derivatives in parameters', async () => {
    const problem = (limit: number) =>
      optimalControl({
        ...cart,
        parameters: { limit },
        constraints: (x, _u, _t, at) => x.at(1).sub(at.limit),
      });
    const options = { ...ilqr, intervals: 8 };
    const { gradients } = await problem(1.2).solve(options);
    const [up, down] = [await problem(1.201).solve(options), await problem(1.199).solve(options)];
    const difference = (up.cost - down.cost) / 0.002;
    expect(Math.abs((gradients?.parameters.limit.item() ?? 0) / difference - 1)).toBeLessThan(1e-3);
  });

  test('names the end that is missed', async () => {
    const bounds = { controls: { lower: [-1], upper: [1] } };
    const { status, violated, message } = await optimalControl({ ...cart, bounds }).solve(ilqr);
    expect(status).toBe('infeasible');
    expect(violated.map(({ name }) => name)).toEqual(['terminal[0]', 'terminal[1]']);
    expect(message).toContain('terminal[0] is missed by 0.6');
  });

  test('says that a cost falls without end, or is not finite', async () => {
    const { terminal, cost, ...rest } = cart;
    const falling = { ...rest, terminalCost: (x: ReturnType<typeof tensor>) => x.at(0) };
    expect((await optimalControl(falling).solve(ilqr)).status).toBe('unbounded');
    const broken = { ...cart, cost: () => tensor(Number.NaN) };
    expect((await optimalControl(broken).solve(ilqr)).status).toBe('notFinite');
  });

  test('is for a given horizon', async () => {
    await expect(moon([1, 0, 1]).solve(ilqr)).rejects.toThrow('ilqr is for a given horizon');
  });
});

describe('model predictive control', () => {
  const A = tensor([
    [1, 0.1],
    [0, 1],
  ]);
  const B = tensor([[0.005], [0.1]]);
  const { K, P } = lqr({ A, B, Q: eye(2), R: [[1]] });
  const endless = {
    ...regulated,
    horizon: 15,
    terminalCost: (x: typeof A) => x.mul(matmul(P, x)).sum(),
  };

  test('with the cost of the rest of time at its end it is the linear regulator', async () => {
    const controller = mpc(endless);
    let x = tensor([1, -0.5]);
    for (let k = 0; k < 5; k++) {
      const { control, status } = await controller.next(x);
      expect(status).toBe('converged');
      expect(control.item()).toBeCloseTo(matmul(K, x).neg().item(), 9);
      x = regulated.dynamics(x, control);
    }
  });

  test('within bounds it brings the system to rest, and starts from its last plan', async () => {
    const bounds = { controls: { lower: [-0.5], upper: [0.5] } };
    const problem = { ...endless, horizon: 40, bounds };
    const controller = mpc(problem);
    let x = tensor([1, 0]);
    let [warm, cold] = [0, 0];
    for (let k = 0; k < 60; k++) {
      const plan = await controller.next(x);
      expect(plan.control.abs().item()).toBeLessThanOrEqual(0.5);
      if (k > 0 && k < 6) {
        const anew = await mpc(problem).next(x);
        expect(plan.cost).toBeCloseTo(anew.cost, 9);
        warm += plan.iterations;
        cold += anew.iterations;
      }
      x = regulated.dynamics(x, plan.control);
    }
    expect(x.abs().max().item()).toBeLessThan(0.05);
    expect(warm).toBeLessThan(cold / 2);
  });

  test('a time that matters is told', async () => {
    // The reference is 1 from t = 3 on: seen from 2.5 on, not from 0.
    const controller = mpc(
      {
        dynamics: (_x, u) => u,
        cost: (x, u, t) => x.sub(t.sub(3).mul(20).sigmoid()).square().sum().add(u.square().sum()),
        initial: [0],
        horizon: 1,
      },
      { intervals: 10 },
    );
    expect((await controller.next([0], 0)).control.abs().item()).toBeLessThan(1e-6);
    expect((await controller.next([0], 2.5)).control.item()).toBeGreaterThan(0.1);
  });

  test('what does not fit is refused', async () => {
    expect(() => mpc(endless, { intervals: 0 })).toThrow('intervals is 0');
    const { horizon, time, ...rest } = endless;
    expect(() => mpc({ ...rest, freeFinalTime: 1 })).toThrow('give a horizon');
    await expect(mpc(endless).next([1])).rejects.toThrow('the state is [1]; it needs to be [2]');
  });
});
