import { mpc, optimalControl } from '@grad/control';
import { stack, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { boundedVanDerPol, cart, moon, moonProblem, vanDerPol } from './problems.ts';

const start = [-1, 0.2];
const engine = { mass: 1.5, drag: { linear: 0.3 } };
const others = { initial: [-0.8, -0.1], parameters: { mass: 1.2, drag: { linear: 0.5 } } };

/** A cart of a mass, with drag, and how often its dynamics are called. */
function counted({ initial = start, parameters = engine } = {}) {
  const calls = { dynamics: 0 };
  const problem = optimalControl({
    ...cart,
    initial,
    parameters,
    dynamics: (x, u, _t, { mass, drag }) => {
      calls.dynamics++;
      return stack([x.at(1), u.at(0).sub(x.at(1).mul(drag.linear)).div(mass)]);
    },
    bounds: { controls: { lower: [-20], upper: [20] } },
  });
  return { calls, problem };
}

const values = (all: readonly (Tensor | undefined)[]) => all.map((one) => one?.toArray());

describe.each(['collocation', 'indirect', 'shooting', 'multipleShooting', 'ilqr'] as const)(
  'by %s',
  (method) => {
    const options = { method, intervals: 6 } as const;

    test('another start and other parameters give what a problem with these gives, and nothing is recorded', async () => {
      const { calls, problem } = counted();
      await problem.solve(options);
      const recorded = calls.dynamics;
      expect(recorded).toBeGreaterThan(0);
      const again = await problem.solve({ ...options, ...others });
      expect(calls.dynamics).toBe(recorded);
      const fresh = await counted(others).problem.solve(options);
      expect(again.status).toBe('converged');
      expect(again.cost).toBe(fresh.cost);
      for (const key of ['times', 'states', 'controls', 'costates', 'switching'] as const) {
        expect(again[key].toArray()).toEqual(fresh[key].toArray());
      }
      const slopes = ({ gradients }: typeof again) =>
        values([gradients?.initial, gradients?.parameters.mass, gradients?.parameters.drag.linear]);
      expect(slopes(again)).toEqual(slopes(fresh));
      expect(slopes(again)).not.toContain(undefined);
      // What was replaced for one solution is as it was for the next.
      const first = await counted().problem.solve(options);
      expect((await problem.solve(options)).cost).toBe(first.cost);
    });

    test('gradients are those of the cost in what is given', async () => {
      const { problem } = counted();
      const cost = async (mass: number, position: number): Promise<number> => {
        const parameters = { ...others.parameters, mass };
        const found = await problem.solve({ ...options, parameters, initial: [position, -0.1] });
        return found.cost;
      };
      const { gradients } = await problem.solve({ ...options, ...others });
      const h = 1e-4;
      const inMass = ((await cost(1.2 + h, -0.8)) - (await cost(1.2 - h, -0.8))) / (2 * h);
      const inPosition = ((await cost(1.2, -0.8 + h)) - (await cost(1.2, -0.8 - h))) / (2 * h);
      expect(gradients?.parameters.mass.item()).toBeCloseTo(inMass, 5);
      expect(gradients?.initial.at(0).item()).toBeCloseTo(inPosition, 5);
    });

    test('two at the same time end as one by one', async () => {
      const { problem } = counted();
      const [one, other] = await Promise.all([
        problem.solve(options),
        problem.solve({ ...options, ...others }),
      ]);
      expect(one.cost).toBe((await problem.solve(options)).cost);
      expect(other.cost).toBe((await problem.solve({ ...options, ...others })).cost);
    });

    test('an earlier solution is a guess', async () => {
      const { problem } = counted();
      const previous = await problem.solve(options);
      const next = await problem.solve({ ...options, ...others, guess: previous });
      const plain = await problem.solve({ ...options, ...others });
      expect(next.status).toBe('converged');
      expect(next.cost).toBeCloseTo(plain.cost, 8);
    });
  },
);

test('arcs that were found are not recorded again', async () => {
  let calls = 0;
  const { dynamics, ...rest } = moonProblem([1, -0.783, 1]);
  const landing = optimalControl({
    ...rest,
    dynamics: (x: Tensor, u: Tensor) => {
      calls++;
      return dynamics(x, u);
    },
  });
  await landing.solve({ method: 'indirect', intervals: 10 });
  const recorded = calls;
  const again = await landing.solve({
    method: 'indirect',
    intervals: 10,
    initial: [1.1, -0.7, 1],
  });
  expect(calls).toBe(recorded);
  const fresh = await moon([1.1, -0.7, 1]).solve({ method: 'indirect', intervals: 10 });
  expect(again.status).toBe('converged');
  expect(again.cost).toBe(fresh.cost);
  expect(again.switches).toEqual(fresh.switches);
});

test('a landing that is missed does not spoil the next', async () => {
  const landing = moon([1, -1.5, 1]);
  const missed = await landing.solve({ intervals: 10 });
  expect(missed.status).toBe('infeasible');
  const found = await landing.solve({ intervals: 10, initial: [1, -0.783, 1] });
  const alone = await moon([1, -0.783, 1]).solve({ intervals: 10 });
  expect(found.status).toBe('converged');
  expect(found.cost).toBe(alone.cost);
  const again = await landing.solve({ intervals: 10 });
  expect(again.violated).toEqual(missed.violated);
});

describe('a guess by a solution', () => {
  test('keeps the controls of intervals as they are', async () => {
    // One control for each interval, none of which is like its neighbours.
    const problem = optimalControl(vanDerPol);
    const previous = await problem.solve({ method: 'ilqr' });
    let first: number | undefined;
    const next = await problem.solve({
      method: 'ilqr',
      guess: previous,
      onIteration: ({ value }) => {
        first ??= value;
      },
    });
    expect(first).toBe(previous.cost);
    expect(next.cost).toBeCloseTo(previous.cost, 12);
  });

  test('keeps its time and its phases, where these are unknown', async () => {
    const options = { arcs: ['lower', 'upper'], intervals: 6 } as const;
    const landing = moon([1, -0.783, 1]);
    const previous = await landing.solve(options);
    const few = { ...options, maxIterations: 0 } as const;
    const { switches } = await landing.solve({ ...few, guess: previous });
    expect(switches[0]).toBeCloseTo(previous.switches[0] ?? Number.NaN, 12);
    expect(switches[1]).toBeCloseTo(previous.switches[1] ?? Number.NaN, 12);
    const plain = await landing.solve({ ...few, guess: { times: [0, 1.2], switches: [1] } });
    expect(plain.switches[0]).toBeCloseTo(0.6, 12);
  });

  test('serves other intervals and methods', async () => {
    const problem = optimalControl(boundedVanDerPol);
    const coarse = await problem.solve({ method: 'multipleShooting', intervals: 10 });
    const plain = await problem.solve({ method: 'multipleShooting', intervals: 40 });
    const fine = await problem.solve({ method: 'multipleShooting', intervals: 40, guess: coarse });
    expect(fine.cost).toBeCloseTo(plain.cost, 8);
    const other = await problem.solve({ intervals: 10, guess: fine });
    expect(other.cost).toBeCloseTo((await problem.solve({ intervals: 10 })).cost, 6);
  });

  test('is refused where it makes no sense', async () => {
    const problem = optimalControl(cart);
    const refused = async (guess: object): Promise<unknown> =>
      problem.solve({ guess }).catch((error: unknown) => String(error));
    expect(await refused({ times: [0, 1], states: [[0, 0]] })).toContain(
      'guess.states has 1 rows, and guess.times 2 numbers',
    );
    expect(await refused({ times: [1, 0] })).toContain('guess.times is [1, 0]');
    expect(await refused({ states: tensor([1, 2]) })).toContain('guess.states is [2]');
    expect(await refused({ states: tensor([[1, 2, 3]]) })).toContain(
      'guess.states[0] is [1, 2, 3]',
    );
    const free = optimalControl({ ...cart, horizon: undefined, freeFinalTime: 1 });
    await expect(free.solve({ guess: { switches: [-1] } })).rejects.toThrow(
      'guess.switches is [-1]; it needs to rise from 0',
    );
  });
});

test('starts and parameters that do not fit are refused', async () => {
  const { problem } = counted();
  await expect(problem.solve({ initial: [1, 2, 3] })).rejects.toThrow(
    'optimalControl: initial is [3]; it needs to be [2].',
  );
  const refused = async (parameters: object): Promise<unknown> =>
    // @ts-expect-error not the parameters of the problem
    problem.solve({ parameters }).catch((error: unknown) => String(error));
  const { drag } = engine;
  expect(await refused({ drag })).toContain('parameters.mass is missing; the problem has it');
  expect(await refused({ mass: [1, 2], drag })).toContain('parameters.mass is missing');
  expect(await refused({ mass: tensor([1, 2]), drag })).toBe(
    'ShapeError: optimalControl: parameters.mass is [2]; in the problem it is [].',
  );
  expect(await refused({ ...engine, drag: { linear: 1, square: 2 } })).toContain(
    'parameters.drag.square is not in the problem',
  );
  expect(await refused({ mass: tensor(1, { dtype: 'float32' }), drag })).toContain(
    'parameters.mass is float32; in the problem it is float64',
  );
});

test('plans are made for parameters that are given', async () => {
  let calls = 0;
  const system = (weight: number) => ({
    ...boundedVanDerPol,
    parameters: { weight },
    cost: (x: Tensor, u: Tensor, _t: Tensor, at: { readonly weight: Tensor }) => {
      calls++;
      return x.square().sum().add(u.square().sum().mul(at.weight));
    },
  });
  const controller = mpc(system(1));
  await controller.next([0, 1]);
  const recorded = calls;
  const plan = await controller.next([0, 1], 0, { parameters: { weight: 3 } });
  expect(calls).toBe(recorded);
  expect(plan.cost).toBeCloseTo((await mpc(system(3)).next([0, 1])).cost, 7);
  await expect(controller.next([0, 1, 2])).rejects.toThrow('mpc: the state is [3]');
  // @ts-expect-error another name
  await expect(controller.next([0, 1], 0, { parameters: { mass: 3 } })).rejects.toThrow(
    'mpc: parameters.weight is missing',
  );
});
