import { fourDVar } from '@grad/assimilation';
import { grad, jit, jvp, stack, sum, type Tensor, tensor, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { background, model, observations, problem, truth } from './lorenz63-case.ts';

const digits = (values: Tensor | number, places: number): string[] =>
  [typeof values === 'number' ? [values] : [...values.dataSync()]]
    .flat()
    .map((value) => value.toFixed(places));

/** Largest difference of two tensors, relative to the larger one's largest element. */
function distance(a: Tensor, b: Tensor): number {
  const size = Math.max(a.abs().max().item(), b.abs().max().item());
  return a.sub(b).abs().max().item() / size;
}

describe('4D-Var on Lorenz-63', () => {
  test('starts from the published truth', () => {
    expect(digits(truth.at(10, [1, 3]), 12)).toEqual(['-1.228215545076', '19.448737841005']);
    expect(digits(truth.at(10, 0), 11)).toEqual(['-0.26446683949']);
  });

  test('has the published cost and gradient at the background', () => {
    expect(digits(problem.cost(background), 12)).toEqual(['73.932939578145']);
    expect(digits(problem.gradient(background), 12)).toEqual([
      '-74.032867537327',
      '-188.105852150267',
      '-3.101943245485',
    ]);
  });

  test.each(['none', 'cvt'] as const)(
    'reaches the published minimum with the transform %s',
    async (transform) => {
      const { analysis, cost, backgroundCost, status, gradientNorm, trajectory } =
        await problem.minimize({ transform });
      expect(status).toBe('converged');
      expect(digits(cost, 12)).toEqual(['6.882955684150']);
      expect(digits(backgroundCost, 12)).toEqual(['73.932939578145']);
      expect(gradientNorm).toBeLessThan(1e-8);
      expect(problem.gradient(analysis).abs().max().item()).toBeLessThan(1e-8);
      expect(trajectory.shape).toEqual([101, 3]);
      expect(trajectory.at(0).toArray()).toEqual(analysis.toArray());
    },
  );

  test('has the gradient that central differences of the cost give', () => {
    const h = 1e-5;
    const x = tensor(background);
    const differences = [0, 1, 2].map((i) => {
      const e = tensor([0, 1, 2].map((j) => (i === j ? h : 0)));
      return problem
        .cost(x.add(e))
        .sub(problem.cost(x.sub(e)))
        .div(2 * h);
    });
    expect(distance(problem.gradient(x), stack(differences))).toBeLessThan(1e-8);
  });

  test('is the same inside jit, grad and vmap as outside', () => {
    const x = tensor(background);
    expect(jit(problem.cost)(x).item()).toBe(problem.cost(x).item());
    expect(distance(jit(grad(problem.cost))(x), problem.gradient(x))).toBeLessThan(1e-14);
    const members = stack([x, x.add(1), x.mul(0.9)]);
    const one = (f: (state: Tensor) => Tensor) => stack([0, 1, 2].map((i) => f(members.at(i))));
    expect(distance(vmap(problem.cost)(members), one(problem.cost))).toBeLessThan(1e-13);
    expect(distance(vmap(problem.gradient)(members), one(problem.gradient))).toBeLessThan(1e-12);
    expect(
      distance(grad((all) => sum(vmap(problem.cost)(all)))(members), one(problem.gradient)),
    ).toBeLessThan(1e-12);
  });

  test('has second derivatives, forward over reverse and reverse over reverse', () => {
    const [x, d] = [tensor(background), tensor([1, -2, 0.5])];
    const h = 1e-5;
    const difference = problem
      .gradient(x.add(d.mul(h)))
      .sub(problem.gradient(x.sub(d.mul(h))))
      .div(2 * h);
    const [, product] = jvp(problem.gradient, [x], [d]);
    expect(distance(product, difference)).toBeLessThan(1e-8);
    const reverse = grad((state: Tensor) => problem.gradient(state).mul(d).sum())(x);
    expect(distance(reverse, product)).toBeLessThan(1e-12);
  });

  test('can be differentiated in the background', () => {
    const state = tensor([1, 2, 25]);
    const cost = (xb: Tensor): Tensor =>
      fourDVar({ model, background: xb, B: 4, R: 2, observations }).cost(state);
    const expected = tensor(background).sub(state).div(4);
    expect(distance(grad(cost)(tensor(background)), expected)).toBeLessThan(1e-14);
  });

  test('reports the background and each iteration, and stops when it is told to', async () => {
    const controller = new AbortController();
    const costs: number[] = [];
    const { status, iterations, cost } = await problem.minimize({
      signal: controller.signal,
      onIteration: (at) => {
        costs.push(at.cost);
        expect(problem.cost(at.state).item()).toBeCloseTo(at.cost, 10);
        if (at.iteration === 4) controller.abort();
      },
    });
    expect([status, iterations, costs.length]).toEqual(['aborted', 4, 5]);
    expect(costs[0]).toBeCloseTo(73.932939578145, 10);
    expect(costs.at(-1)).toBe(cost);
  });
});
