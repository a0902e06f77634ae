import { costate, optimalControl, rollout } from '@grad/control';
import { grad, jit, type Tensor, tensor, vmap, zeros } from '@grad/core';
import { checkGrads, gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import { expect, test } from 'vitest';
import { cart, regulated, vanDerPol } from './problems.ts';

expect.extend(gradMatchers);

const cost = (controls: Tensor): Tensor => rollout(vanDerPol, controls).cost;

test("the cost without control and its gradient are those of CasADi's oscillator", () => {
  const none = zeros([20, 1]);
  expect(cost(none).item()).toBeCloseTo(36.096734562264, 10);
  expect(grad(cost)(none).square().sum().sqrt().item()).toBeCloseTo(8.130460186379, 10);
  expect(jit(grad(cost))(none).square().sum().sqrt().item()).toBeCloseTo(8.130460186379, 10);
  const both = jit(vmap(cost))(zeros([2, 20, 1]));
  expect(both.at(1).item()).toBeCloseTo(36.096734562264, 10);
});

test('it can be differentiated in controls, start and parameters, twice', () => {
  const controls = tensor([[0.3], [-0.2], [0.5]]);
  checkGrads(
    (u: Tensor, x: Tensor, rate: Tensor) =>
      rollout(
        {
          ...vanDerPol,
          horizon: 2,
          parameters: { rate },
          dynamics: (y, v, t, at) => vanDerPol.dynamics(y, v).mul(at.rate).add(t.mul(0.1)),
        },
        u,
        { initial: x, steps: 2, hold: 'linear' },
      ).cost,
    [controls, tensor([0.2, 0.9]), tensor(0.8)],
    { order: 2 },
  );
});

test('costates are derivatives of the cost in the state on the way', () => {
  const controls = tensor([[0.3], [-0.2], [0.5], [0.1]]);
  const p = costate(vanDerPol, controls);
  expect(p.shape).toEqual([5, 2]);
  const first = grad((x: Tensor) => rollout(vanDerPol, controls, { initial: x }).cost);
  expect(p.at(0)).toBeAllclose(first(tensor([0, 1])));
  // From the middle on it is a problem of its own.
  const { states } = rollout(vanDerPol, controls);
  const rest = { ...vanDerPol, horizon: 5 };
  const later = grad((x: Tensor) => rollout(rest, controls.at([2, 4]), { initial: x }).cost);
  expect(p.at(2)).toBeAllclose(later(states.at(2)));
  expect(p.at(4).toArray()).toEqual([0, 0]);
});

test('discrete time goes step by step', () => {
  const { states, times } = rollout(regulated, zeros([50, 1]), { initial: [1, 1] });
  expect(states.at(50, 0).item()).toBeCloseTo(6, 12);
  expect(times.at(50).item()).toBe(50);
});

test('controls that do not fit are refused', () => {
  expect(() => rollout(cart, zeros([3, 2]))).toThrow('controls are [3,2]; they need to be [N, 1]');
  expect(() => rollout(cart, zeros([1, 1]), { hold: 'linear' })).toThrow('[N + 1, 1]');
  expect(() => rollout(regulated, zeros([49, 1]))).toThrow('[50, 1]');
  expect(() => optimalControl({ ...regulated, horizon: undefined, freeFinalTime: 3 })).toThrow(
    'in discrete time',
  );
});
