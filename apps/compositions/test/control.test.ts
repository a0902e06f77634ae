import { optimalControl } from '@grad/control';
import { grad, tensor } from '@grad/core';
import { expect, test } from 'vitest';
import { controlled, terminalCost } from '../src/compositions/control-of-a-pagerank.ts';

test("a PageRank's optimal control is constant, along the gradient of the score it leads to", async () => {
  const count = controlled.links.length;
  const { status, controls, costates, states, cost } = await optimalControl({
    dynamics: (_, u) => u,
    cost: (_, u) =>
      u
        .square()
        .sum()
        .mul(controlled.price / 2),
    terminalCost,
    initial: controlled.links.map(() => 0),
    controls: count,
    horizon: 1,
  }).solve({ intervals: 4 });
  expect(status).toBe('converged');
  // Pontryagin: the costate is the terminal cost's gradient throughout, and u = -p / price.
  const slope = grad(terminalCost)(states.at(-1));
  const apart = (k: number): number => costates.at(k).sub(slope).abs().max().item();
  expect(slope.abs().max().item()).toBeGreaterThan(0.05);
  for (const k of [0, 2, -1]) {
    expect(apart(k)).toBeLessThan(1e-7);
    expect(controls.at(k).add(slope.div(controlled.price)).abs().max().item()).toBeLessThan(1e-7);
  }
  expect(cost).toBeLessThan(terminalCost(tensor(controlled.links.map(() => 0))).item());
});
