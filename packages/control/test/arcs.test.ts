import { optimalControl } from '@grad/control';
import { stack, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { cart, moon } from './problems.ts';

const inLeastTime = {
  cost: () => tensor(1),
  bounds: { controls: { lower: [-1], upper: [1] } },
  horizon: undefined,
};

describe('arcs that nobody names', () => {
  test.each([
    { method: 'collocation', limit: 5e-9 },
    { method: 'indirect', limit: 5e-12 },
  ] as const)('are found for the landing, by $method', async ({ method, limit }) => {
    const { status, arcs, switches, cost } = await moon([1, -0.783, 1]).solve({ method });
    expect(status).toBe('converged');
    expect(arcs).toEqual([['lower'], ['upper']]);
    expect(Math.abs((switches[0] ?? 0) - 0.239259108626)).toBeLessThan(limit);
    expect(Math.abs((switches[1] ?? 0) - 1.396808089107)).toBeLessThan(limit);
    expect(Math.abs(-cost - 0.395354363964)).toBeLessThan(limit);
  });

  test.each(['collocation', 'indirect'] as const)(
    'are those of least time, by %s',
    async (method) => {
      const problem = optimalControl({ ...cart, ...inLeastTime, freeFinalTime: 3 });
      const { cost, arcs, switches } = await problem.solve({ method });
      expect(arcs).toEqual([['upper'], ['lower']]);
      expect(cost).toBeCloseTo(2, 9);
      expect(switches[0]).toBeCloseTo(1, 9);
    },
  );

  test('are right even where there are five of them, and the guess of the time is poor', async () => {
    const start = [-7, 0.7];
    const { status, arcs, switches } = await optimalControl({
      ...inLeastTime,
      dynamics: (x, u) => stack([x.at(1), u.at(0).sub(x.at(0))]),
      initial: start,
      terminal: [0, 0],
      freeFinalTime: 10,
    }).solve({ method: 'indirect', intervals: 16 });
    expect(status).toBe('converged');
    expect(arcs.flat()).toEqual(['upper', 'lower', 'upper', 'lower', 'upper']);
    // Under a constant force the state turns around a point, by half a turn where both ends are switches.
    let [x = 0, v = 0] = start;
    const angles = switches.map((end, i) => end - (switches[i - 1] ?? 0));
    angles.forEach((angle, i) => {
      const u = arcs[i]?.[0] === 'upper' ? 1 : -1;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      [x, v] = [u + (x - u) * c + v * s, -(x - u) * s + v * c];
    });
    expect(x).toBeCloseTo(0, 6);
    expect(v).toBeCloseTo(0, 6);
    for (const angle of angles.slice(1, -1)) expect(angle).toBeCloseTo(Math.PI, 6);
  });

  test('may be free between bounds', async () => {
    const bounds = { controls: { lower: [-5], upper: [5] } };
    const problem = optimalControl({ ...cart, bounds });
    // Full force until t, and then a line to 0 in the middle: the way is 1 where (1 - 2 t)^2 = 3 / 5.
    const t = (1 - Math.sqrt(0.6)) / 2;
    const cost = 25 * (t + (0.5 - t) / 3);
    const exact = await problem.solve({ method: 'indirect', intervals: 12 });
    expect(exact.status).toBe('converged');
    expect(exact.arcs.flat()).toEqual(['upper', 'free', 'lower']);
    expect(exact.switches[0]).toBeCloseTo(t, 11);
    expect(exact.cost).toBeCloseTo(cost, 11);
    const near = await problem.solve();
    expect(near.arcs.flat()).toEqual(['upper', 'free', 'lower']);
    expect(near.switches[0]).toBeCloseTo(t, 2);
    expect(near.cost).toBeCloseTo(cost, 7);
  });

  test.each([1.2, 1.23])('may lie on a bound of states, a speed of %s', async (limit) => {
    const bounds = { states: { upper: [Infinity, limit] } };
    const problem = optimalControl({ ...cart, bounds });
    const { status, switches, cost } = await problem.solve();
    expect(status).toBe('converged');
    const t = 1.5 * (1 - 1 / limit);
    expect(cost).toBeCloseTo((4 * limit ** 2) / (3 * t), 7);
    expect(switches).toHaveLength(3);
    expect(switches[0]).toBeCloseTo(t, 2);
    expect(switches[1]).toBeCloseTo(1 - t, 2);
  });

  test('on a bound of states are left to collocation', async () => {
    const bounds = { states: { upper: [Infinity, 1.2] } };
    const { status, message, cost } = await optimalControl({ ...cart, bounds }).solve({
      method: 'indirect',
      intervals: 8,
    });
    expect(status).toBe('stalled');
    expect(message).toContain('Bounds of states or constraints are active for a while');
    expect(cost).toBeCloseTo(7.68, 5);
  });

  test('may lie on a constraint, whose parameter the cost depends on in the known way', async () => {
    const { status, cost, switches, gradients } = await optimalControl({
      ...cart,
      parameters: { limit: 1.2 },
      constraints: (x, _u, _t, { limit }) => x.at(1).sub(limit),
    }).solve();
    expect(status).toBe('converged');
    expect(cost).toBeCloseTo(7.68, 7);
    expect(switches[0]).toBeCloseTo(0.25, 2);
    // The cost is 8 v^3 / (9 (v - 1)).
    expect(gradients?.parameters.limit.item()).toBeCloseTo(-19.2, 4);
    expect(gradients?.initial.at(0).item()).toBeCloseTo(-38.4, 4);
  });

  test('are told apart for each of several controls', async () => {
    // Two carts in one: the one has its way done when the other still goes on.
    const { arcs, switches, status } = await optimalControl({
      dynamics: (x, u) => stack([x.at(1), u.at(0), x.at(3), u.at(1)]),
      cost: () => tensor(1),
      initial: [-1, 0, -0.25, 0.4],
      terminal: [0, 0, null, 2],
      controls: 2,
      bounds: { controls: { lower: [-1, -1], upper: [1, 1] } },
      freeFinalTime: 3,
    }).solve({ intervals: 10 });
    expect(status).toBe('converged');
    expect(arcs.map(([first]) => first)).toContain('upper');
    expect(switches.at(-1)).toBeCloseTo(2, 6);
  });

  test('that are singular stay with collocation', async () => {
    // The least integral of squares of the state: to 0 at full force, and then no force at all.
    const { status, message, cost, arcs } = await optimalControl({
      dynamics: (_x, u) => u,
      cost: (x) => x.square().sum(),
      initial: [1],
      horizon: 2,
      bounds: { controls: { lower: [-1], upper: [1] } },
    }).solve({ method: 'indirect', intervals: 10 });
    expect(arcs.flat()).toEqual(['lower', 'free']);
    expect(status).toBe('stalled');
    expect(message).toContain('singular');
    expect(cost).toBeCloseTo(1 / 3, 5);
  });
});
