import { optimalControl } from '@grad/control';
import { tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { boundedVanDerPol, cart, moon, regulated } from './problems.ts';

describe.each(['shooting', 'multipleShooting'] as const)('%s', (method) => {
  test("finds the optimum of CasADi's Van der Pol oscillator", async () => {
    const { status, cost, states, controls } = await optimalControl(boundedVanDerPol).solve({
      method,
    });
    expect(status).toBe('converged');
    expect(Math.abs(cost - 3.732969484782)).toBeLessThan(1e-8);
    expect(states.at(null, 0).min().item()).toBeCloseTo(-0.25, 8);
    expect(controls.abs().max().item()).toBeLessThan(1 + 1e-8);
  });

  test('has costates at a bound of states that are derivatives of the cost', async () => {
    const cost = async (by: number): Promise<number> =>
      (await optimalControl({ ...boundedVanDerPol, initial: [by, 1] }).solve({ method })).cost;
    const { costates } = await optimalControl(boundedVanDerPol).solve({ method });
    const difference = ((await cost(1e-4)) - (await cost(-1e-4))) / 2e-4;
    expect(costates.at(0, 0).item()).toBeCloseTo(difference, 5);
  });

  test('moves the cart with the least energy', async () => {
    const linear = await optimalControl(cart).solve({ method, hold: 'linear', intervals: 4 });
    expect(linear.cost).toBeCloseTo(6, 9);
    expect(linear.costates.at(0, 0).item()).toBeCloseTo(-12, 8);
    expect(linear.costates.at(0, 1).item()).toBeCloseTo(-6, 8);
    expect(linear.hamiltonian.add(18).abs().max().item()).toBeLessThan(1e-8);
    // N constant pieces are the projection of the least control, a line of slope 12, and end short of it.
    const constant = await optimalControl(cart).solve({ method, intervals: 8 });
    expect(constant.cost).toBeCloseTo(6 / (1 - 1 / 64), 9);
  });

  test('keeps a speed, on an arc from .25 to .75', async () => {
    const bounds = { states: { upper: [Infinity, 1.2] } };
    const { cost, states } = await optimalControl({ ...cart, bounds }).solve({
      method,
      hold: 'linear',
      intervals: 8,
    });
    expect(cost).toBeCloseTo(7.68, 7);
    expect(states.at(null, 1).toArray()).toEqual(
      [0, 0.9, 1.2, 1.2, 1.2, 1.2, 1.2, 0.9, 0].map((v) => expect.closeTo(v, 7)),
    );
  });

  test('keeps it as a constraint too', async () => {
    const { cost } = await optimalControl({
      ...cart,
      parameters: { limit: 1.2 },
      constraints: (x, _u, _t, { limit }) => x.at(1).sub(limit),
    }).solve({ method, hold: 'linear', intervals: 8 });
    expect(cost).toBeCloseTo(7.68, 7);
  });

  test('moves it in the least time', async () => {
    const { cost, controls } = await optimalControl({
      ...cart,
      cost: () => tensor(1),
      bounds: { controls: { lower: [-1], upper: [1] } },
      horizon: undefined,
      freeFinalTime: 3,
    }).solve({ method, intervals: 2 });
    expect(cost).toBeCloseTo(2, 8);
    expect(controls.at(1, 0).item()).toBeCloseTo(1, 7);
    expect(controls.at(2, 0).item()).toBeCloseTo(-1, 7);
  });

  test('lands on the Moon with given arcs', async () => {
    const { cost, switches } = await moon([1, -0.783, 1]).solve({
      method,
      arcs: ['lower', 'upper'],
      intervals: 5,
      steps: 20,
    });
    expect(-cost).toBeCloseTo(0.395354363964, 9);
    expect(switches[0]).toBeCloseTo(0.239259108626, 8);
  });

  test('regulates in discrete time, with the derivative in the start', async () => {
    const { cost, gradients, times } = await optimalControl(regulated).solve({ method });
    expect(cost).toBeCloseTo(17.832331978623, 10);
    expect(gradients).toBeNull();
    expect(times.at(-1).item()).toBe(50);
  });

  test('has derivatives in parameters', async () => {
    const problem = (mass: number, limit: number) =>
      optimalControl({
        ...cart,
        parameters: { mass, limit },
        dynamics: (x, u, _t, at) =>
          tensor([0, 1])
            .mul(u.at(0))
            .div(at.mass)
            .add(tensor([1, 0]).mul(x.at(1))),
        constraints: (x, _u, _t, at) => x.at(1).sub(at.limit),
      });
    const options = { method, hold: 'linear', intervals: 8 } as const;
    const { gradients } = await problem(1.5, 1.3).solve(options);
    const h = 1e-4;
    const up = await problem(1.5 + h, 1.3).solve(options);
    const down = await problem(1.5 - h, 1.3).solve(options);
    expect(gradients?.parameters.mass.item()).toBeCloseTo((up.cost - down.cost) / (2 * h), 5);
    const more = await problem(1.5, 1.3 + h).solve(options);
    const less = await problem(1.5, 1.3 - h).solve(options);
    expect(gradients?.parameters.limit.item()).toBeLessThan(-1);
    expect(gradients?.parameters.limit.item()).toBeCloseTo((more.cost - less.cost) / (2 * h), 4);
  });

  test('names the landing that is missed', async () => {
    const { status, violated } = await moon([1, -1.5, 1]).solve({ method, intervals: 5 });
    expect(status).toBe('infeasible');
    expect(violated[0]?.name).toBe('terminal[1]');
    expect(violated[0]?.amount).toBeCloseTo(1.08624, 3);
  });
});

test('discrete time and steps that make no sense are refused', async () => {
  await expect(optimalControl(regulated).solve()).rejects.toThrow('collocation is for continuous');
  await expect(
    optimalControl(regulated).solve({ method: 'shooting', intervals: 7 }),
  ).rejects.toThrow('intervals is 7; in discrete time it is the horizon, 50');
  expect(() => optimalControl({ ...regulated, horizon: 1.5 })).toThrow('it is 1.5');
  await expect(optimalControl(cart).solve({ method: 'shooting', steps: 0 })).rejects.toThrow(
    'steps is 0',
  );
});
