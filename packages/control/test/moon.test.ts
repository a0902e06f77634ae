import { optimalControl } from '@grad/control';
import { describe, expect, test } from 'vitest';
import { cart, moon } from './problems.ts';

describe('the landing', () => {
  // The errors of collocation are those of its polynomials on 20 intervals.
  test.each([
    { method: 'collocation', times: 1e-8, mass: 2e-9, rest: 1e-7 },
    { method: 'indirect', times: 1e-11, mass: 1e-12, rest: 1e-11 },
  ] as const)(
    'by $method has the known switch, time and mass, a Hamiltonian of 0 and the costates',
    async ({ method, times, mass, rest }) => {
      const found = await moon([1, -0.783, 1]).solve({ method, arcs: ['lower', 'upper'] });
      expect(found.status).toBe('converged');
      const near = (x: number, y: number, limit: number): void =>
        expect(Math.abs(x - y)).toBeLessThan(limit);
      const [off = 0, end = 0] = found.switches;
      near(off, 0.239259108626, times);
      near(end, 1.396808089107, times);
      near(-found.cost, 0.395354363964, mass);
      near(found.hamiltonian.abs().max().item(), 0, rest);
      near(found.switching.at(20, 0).item(), 0, rest);
      // While it falls, H = p_h v - p_v, and p_v falls by p_h t. The final mass is the payoff.
      const p = (k: number, i: number): number => found.costates.at(k, i).item();
      near(p(0, 1), -0.783 * p(0, 0), rest);
      near(p(0, 2), 2.349 * (p(0, 1) - p(0, 0) * off), rest);
      near(p(-1, 0), p(0, 0), rest);
      near(p(-1, 2), -1, rest);
    },
  );
});

describe('the double integrator', () => {
  test.each(['collocation', 'indirect'] as const)('with least energy, by %s', async (method) => {
    const { cost, costates, hamiltonian } = await optimalControl(cart).solve({
      method,
      intervals: 8,
    });
    expect(hamiltonian.add(18).abs().max().item()).toBeLessThan(1e-8);
    expect(cost).toBeCloseTo(6, 9);
    expect(costates.at(0, 0).item()).toBeCloseTo(-12, 8);
    expect(costates.at(0, 1).item()).toBeCloseTo(-6, 8);
  });

  test('below a speed', async () => {
    const bounds = { states: { upper: [Infinity, 1.2] } };
    const { cost } = await optimalControl({ ...cart, bounds }).solve({ intervals: 20 });
    expect(cost).toBeCloseTo(7.68, 7);
  });

  test('in least time', async () => {
    const problem = optimalControl({
      ...cart,
      cost: (_x, u) => u.at(0).mul(0).add(1),
      bounds: { controls: { lower: [-1], upper: [1] } },
      horizon: undefined,
      freeFinalTime: 3,
    });
    const found = await problem.solve({
      method: 'indirect',
      arcs: ['upper', 'lower'],
      intervals: 5,
    });
    expect(found.switches[0]).toBeCloseTo(1, 10);
    expect(found.cost).toBeCloseTo(2, 10);
  });
});

test('what makes no sense is refused', async () => {
  const { horizon, ...endless } = cart;
  expect(() => optimalControl(endless)).toThrow('give either horizon');
  expect(() => optimalControl({ ...cart, horizon: -1 })).toThrow('the final time is -1');
  expect(() => optimalControl({ ...cart, controls: 0 })).toThrow('controls is 0');
  expect(() => optimalControl({ ...cart, terminal: [0] })).toThrow('terminal has 1 numbers; 2');
  await expect(optimalControl(cart).solve({ intervals: 0 })).rejects.toThrow('intervals is 0');
  await expect(optimalControl(cart).solve({ arcs: ['upper'] })).rejects.toThrow('not given');
});
