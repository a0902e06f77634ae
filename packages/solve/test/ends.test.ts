import { cos, grad, hvp, jit, type Tensor, tensor, vmap } from '@grad/core';
import { odeint, odeStatus } from '@grad/solve';
import { describe, expect, test } from 'vitest';

describe('a solve ends', () => {
  test('at a singularity, with NaN from there on', () => {
    const { status, message, ys } = odeint((y: Tensor) => y.square(), 1, [0, 0.5, 2]);
    expect(status).toBe('stepTooSmall');
    expect(message).toMatch(/At t = 1\.00000/);
    expect(ys.at(1).item()).toBeCloseTo(2, 4);
    expect(ys.at(2).item()).toBeNaN();
  });

  test('where f is NaN', () => {
    expect(odeint((y: Tensor) => y.mul(Number.NaN), 1, [0, 1]).status).toBe('notFinite');
    const beyond = odeint((y: Tensor, t: Tensor) => y.mul(0).add(t.neg().add(1).sqrt()), 1, [0, 2]);
    expect(beyond.status).toBe('notFinite');
    expect(beyond.event.t.item()).toBeCloseTo(1, 5);
    const fixed = odeint((y: Tensor) => y.mul(Number.NaN), 1, [0, 1], { method: 'rk4' });
    expect(fixed.status).toBe('notFinite');
  });

  test('when its steps are used up', () => {
    const options = { maxSteps: 10 };
    const { status, message, stats } = odeint(
      (y: Tensor, t: Tensor) => y.mul(cos(t)),
      1,
      [0, 1000],
      options,
    );
    expect([status, stats.steps.item() + stats.rejected.item()]).toEqual(['maxSteps', 10]);
    expect(message).toMatch(/After 10 steps, tsit5 stands at t = .*Raise maxSteps/);
    const fixed = odeint((y: Tensor) => y.neg(), 1, [0, 1, 2], {
      method: 'euler',
      stepSize: 0.1,
      maxSteps: 15,
    });
    expect([fixed.status, fixed.stats.steps.item()]).toEqual(['maxSteps', 15]);
    expect(fixed.ys.dataSync().map((y) => Number(Number.isNaN(y)))).toEqual(
      Float64Array.of(0, 0, 1),
    );
  });

  test('with a code inside jit, and a status outside', () => {
    const code = jit((y0: Tensor) => odeint((y: Tensor) => y.square(), y0, [0, 2]).code);
    expect(odeStatus(code(1))).toBe('stepTooSmall');
    expect(odeStatus(code(0.1))).toBe('success');
    expect(() => jit((y0: Tensor) => [odeint((y: Tensor) => y, y0, [0, 2]).status])(1)).toThrow(
      /jit/,
    );
    expect(() => odeStatus(17)).toThrow('17 is not the code of a status');
  });
});

/** A ball that falls from some height, with g = 8. */
const fall = (height: Tensor) =>
  odeint(({ v }) => ({ x: v, v: -8 }), { x: height, v: 0 }, [0, 0.25, 10], {
    events: [{ condition: ({ v }) => v.sub(1) }, { condition: ({ x }) => x, direction: 'falling' }],
  });

describe('an event', () => {
  test('ends the solve where its condition passes through 0', () => {
    const { event, status, ys } = fall(tensor(4));
    expect([status, event.index.item()]).toEqual(['event', 1]);
    expect(event.t.item()).toBeCloseTo(1, 13);
    expect(event.y.x.item()).toBeCloseTo(0, 13);
    expect(event.y.v.item()).toBeCloseTo(-8, 12);
    expect(ys.x.at(1).item()).toBeCloseTo(3.75, 12);
    expect(ys.x.at(2).item()).toBeNaN();
  });

  test('has a time with derivatives of any order', () => {
    const time = (height: Tensor): Tensor => fall(height).event.t;
    for (const height of [1, 4, 9]) {
      expect(grad(time)(height).item()).toBeCloseTo(1 / (4 * Math.sqrt(height)), 12);
    }
    expect(hvp(time, 4, 1).item()).toBeCloseTo(-1 / 64, 12);
    const both = vmap(grad(time))(tensor([1, 4])).dataSync();
    expect(both[0]).toBeCloseTo(0.25, 12);
    expect(both[1]).toBeCloseTo(0.125, 12);
    const speed = grad((height: Tensor) => fall(height).event.y.v);
    expect(speed(4).item()).toBeCloseTo(-1, 11);
  });

  test('does not happen in the other direction', () => {
    const up = odeint((y: Tensor) => y.mul(0).add(1), -1, [0, 3], {
      events: [{ condition: (y) => y, direction: 'falling' }],
    });
    expect([up.status, up.event.index.item(), up.event.t.item()]).toEqual(['success', -1, 3]);
  });
});

describe('odeint refuses', () => {
  const f = (y: Tensor): Tensor => y.neg();
  const cases: Record<string, readonly [() => unknown, RegExp]> = {
    'times out of order': [() => odeint(f, 1, [0, 2, 1]), /ts\[2\] = 1 follows 2/],
    'times that are not finite': [() => odeint(f, 1, [0, Number.NaN]), /ts\[1\] is NaN/],
    'no times': [() => odeint(f, 1, []), /ts has shape \[0\]/],
    'a state of integers': [() => odeint(f, tensor(1, { dtype: 'int32' }), [0, 1]), /int32/],
    'an empty state': [() => odeint((y: Tensor) => y, tensor([]), [0, 1]), /no elements/],
    'a derivative of another shape': [
      () => odeint(() => tensor([1, 2]), tensor([1, 2, 3]), [0, 1]),
      /shape \[2\] for a state of shape \[3\]/,
    ],
    'a negative tolerance': [() => odeint(f, 1, [0, 1], { rtol: -1 }), /rtol is -1/],
    'a tolerance of another shape': [
      () => odeint(f, tensor([1, 2]), [0, 1], { atol: tensor([1, 2, 3]) }),
      /atol has the shapes \[3\], y0 has \[2\]/,
    ],
    'no steps': [() => odeint(f, 1, [0, 1], { maxSteps: 0 }), /maxSteps is 0/],
    'a step backwards': [() => odeint(f, 1, [0, 1], { firstStep: -1 }), /firstStep is -1/],
    'a step size for adaptive steps': [
      () => odeint(f, 1, [0, 1], { stepSize: 1 }),
      /stepSize is not for 'tsit5'/,
    ],
    'tolerances for equal steps': [
      () => odeint(f, 1, [0, 1], { method: 'rk4', rtol: 1 }),
      /rtol is not for 'rk4'/,
    ],
    'a controller that never shrinks': [
      () => odeint(f, 1, [0, 1], { controller: { minFactor: 2 } }),
      /controller.minFactor is 2/,
    ],
    'events with a continuous adjoint': [
      () => odeint(f, 1, [0, 1], { adjoint: 'backsolve', events: [{ condition: (y) => y }] }),
      /events need the adjoint/,
    ],
    'an interpolant of rk4': [
      () => odeint(f, 1, [0, 1], { method: 'rk4', adjoint: 'interpolating' }),
      /needs an interpolant/,
    ],
  };
  for (const [name, [run, message]] of Object.entries(cases)) {
    test(name, () => {
      expect(run).toThrow(message);
    });
  }
});

test('the form in slices gives the same bits, and can be aborted', async () => {
  const f = (y: Tensor): Tensor => y.neg();
  const { ys, status } = await odeint.async(f, 1, [0, 1]);
  expect([status, ys.at(1).item()]).toEqual(['success', odeint(f, 1, [0, 1]).ys.at(1).item()]);
  const signal = AbortSignal.abort('enough');
  await expect(odeint.async(f, 1, [0, 1], { signal })).rejects.toBe('enough');
});
