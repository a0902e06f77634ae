import { optimalControl } from '@grad/control';
import { expect, test } from 'vitest';
import { cart, moon } from './problems.ts';

test('a landing from too fast is infeasible: the speed at the ground is what full thrust leaves', async () => {
  const [height, speed] = [1, -1.5];
  const { status, message, violated, states, costates } = await moon([height, speed, 1]).solve({
    intervals: 10,
  });
  expect(status).toBe('infeasible');
  // Under full thrust the mass is 1 - a t, so that speed and height have closed forms.
  const a = 1.227 / 2.349;
  const burnt = (t: number): number => Math.log(1 - a * t);
  const v = (t: number): number => speed - t - 2.349 * burnt(t);
  const h = (t: number): number =>
    height + speed * t - (t * t) / 2 + 2.349 * (t + ((1 - a * t) * burnt(t)) / a);
  let [before, after] = [0, 1];
  for (let k = 0; k < 60; k++) {
    const t = (before + after) / 2;
    if (h(t) > 0) before = t;
    else after = t;
  }
  expect(violated.map(({ name }) => name)).toEqual(['terminal[1]']);
  expect(violated[0]?.amount).toBeCloseTo(-v(before), 6);
  expect(violated[0]?.time).toBeCloseTo(before, 6);
  expect(message).toContain(`terminal[1] is missed by ${(-v(before)).toFixed(4)}`);
  expect(states.at(-1, 0).item()).toBeCloseTo(0, 6);
  expect(costates.at(0, 0).item()).toBeNaN();
});

test('with arcs it is the landing too', async () => {
  const { status, violated } = await moon([0.1, -2, 1]).solve({
    arcs: ['lower', 'upper'],
    intervals: 6,
  });
  expect(status).toBe('infeasible');
  expect(violated[0]?.name).toBe('terminal[1]');
  expect(violated[0]?.amount).toBeGreaterThan(1.9);
});

test('a bound that no control can keep is named, with the time at which it is farthest', async () => {
  const bounds = { states: { upper: [Infinity, 0.5] }, controls: { lower: [-1], upper: [1] } };
  const { terminal, ...rest } = cart;
  const { status, violated } = await optimalControl({ ...rest, initial: [-1, 2], bounds }).solve();
  expect(status).toBe('infeasible');
  // Braked at full force the speed falls from 2 by 1 in each unit of time.
  const [worst] = violated;
  expect(worst?.name).toBe('bounds.states.upper[1]');
  expect(worst?.amount).toBeCloseTo(1.5 - (worst?.time ?? 0), 5);
  expect(worst?.time).toBeLessThan(0.1);
});

test('a constraint that cannot hold is named', async () => {
  const { status, violated } = await optimalControl({
    ...cart,
    horizon: 4,
    bounds: { controls: { lower: [-1], upper: [1] } },
    constraints: (x) => x.at(0).add(1.5),
  }).solve({ intervals: 5 });
  expect(status).toBe('infeasible');
  expect(violated.map(({ name }) => name)).toContain('constraints[0]');
  expect(violated.find(({ name }) => name === 'constraints[0]')?.amount).toBeGreaterThan(0.3);
});

test('without a cost of control it is unbounded, and the message says what runs away', async () => {
  const { terminal, cost, ...rest } = cart;
  const problem = optimalControl({ ...rest, terminalCost: (x) => x.at(0) });
  const { status, message } = await problem.solve({ intervals: 5 });
  expect(status).toBe('unbounded');
  expect(message).toMatch(/The cost falls without end .*: controls\[0\] has reached -\d/);
});

test('a guess that leads nowhere says which equation does not hold', async () => {
  const { status, message, violated } = await moon([1, -0.783, 1]).solve({
    guess: { states: [[1e3, 1e3, 0.06]], controls: [[1.2]] },
    maxIterations: 3,
  });
  expect(status).toBe('maxIterations');
  expect(violated[0]?.name).toMatch(/^(dynamics|terminal)\[\d\]$/);
  expect(violated[0]?.amount).toBeGreaterThan(1);
  expect(message).toContain(`${violated[0]?.name} is missed by`);
});

test('from a poor guess it is the same landing', async () => {
  const { status, cost } = await moon([1, -0.783, 1]).solve({
    guess: { states: [[30, -20, 0.06]], controls: [[1.2]] },
    arcs: ['lower', 'upper'],
  });
  expect(status).toBe('converged');
  expect(cost).toBeCloseTo(-0.395354363964, 8);
});

test('a signal stops it', async () => {
  const controller = new AbortController();
  const { status } = await moon([1, -0.783, 1]).solve({
    signal: controller.signal,
    onIteration: ({ iteration }) => {
      if (iteration === 2) controller.abort();
    },
  });
  expect(status).toBe('aborted');
});

test('guesses and bounds that make no sense are refused', async () => {
  const problem = optimalControl(cart);
  await expect(problem.solve({ guess: { states: [[1]] } })).rejects.toThrow(
    'guess.states[0] is [1]; it needs 2 finite numbers',
  );
  await expect(problem.solve({ guess: { controls: [] } })).rejects.toThrow('has no rows');
  await expect(problem.solve({ arcs: [['free', 'free']] })).rejects.toThrow('is for 2 controls');
  const bounds = { controls: { lower: [2], upper: [1] } };
  expect(() => optimalControl({ ...cart, bounds })).toThrow(
    'bounds.controls.lower[0] is 2 and bounds.controls.upper[0] 1',
  );
});
