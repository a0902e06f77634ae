import { concatenate, grad, jit, type Tensor, tensor, vmap, zeros } from '@grad/core';
import { allclose, checkGrads } from '@grad/core/testing';
import { type SinkhornOptions, sinkhorn } from '@grad/iterators';
import { describe, expect, test } from 'vitest';

const cost = tensor([
  [0, 1, 2.5],
  [1.5, 0.2, 1],
  [2, 1.1, 0.3],
  [0.4, 0.9, 1.7],
]);
const a = tensor([0.1, 0.4, 0.3, 0.2]);
const b = tensor([0.5, 0.2, 0.3]);
const tight: SinkhornOptions = { epsilon: 0.3, tol: 1e-14 };

const near = (x: Tensor, y: Tensor, tol = 1e-13): void => {
  expect(allclose(x, y, { rtol: tol, atol: tol })).toBe(true);
};

describe('sinkhorn', () => {
  test('keeps both marginals, and its value is cost plus entropy', () => {
    const { plan, cost: paid, regularizedCost, status } = sinkhorn(cost, a, b, tight);
    expect(status).toBe('converged');
    near(plan.sum({ axis: 1 }), a);
    near(plan.sum({ axis: 0 }), b);
    near(paid, plan.mul(cost).sum());
    const entropy = plan.mul(plan.div(a.expandDims(1).mul(b)).log()).sum();
    near(regularizedCost, paid.add(entropy.mul(0.3)));
  });

  test('has the closed form for two points each', () => {
    // Equal shares: the plan is [[p, 1/2 - p], [1/2 - p, p]] with p / (1/2 - p) = exp(d / (2 eps)), where
    // d is what the cost across is above that along.
    const epsilon = 0.7;
    const given = tensor([
      [0.1, 0.9],
      [1.3, 0.2],
    ]);
    const d = 0.9 + 1.3 - 0.1 - 0.2;
    const p = 0.5 / (1 + Math.exp(-d / (2 * epsilon)));
    const { plan } = sinkhorn(given, undefined, undefined, { epsilon, tol: 1e-15 });
    near(
      plan,
      tensor([
        [p, 0.5 - p],
        [0.5 - p, p],
      ]),
      1e-15,
    );
  });

  test('comes near the monotone plan on a line for small epsilon', () => {
    const [x, y] = [tensor([0, 1, 2, 3]), tensor([0.5, 1.6, 2.9, 4])];
    const distances = x.expandDims(1).sub(y).square();
    const shares = [0.2, 0.35, 0.3, 0.15];
    const found = sinkhorn(distances, undefined, shares, { epsilon: 0.05 });
    expect(found.status).toBe('converged');
    // On a line the cheapest plan keeps the order.
    const monotone = tensor([
      [0.2, 0.05, 0, 0],
      [0, 0.25, 0, 0],
      [0, 0.05, 0.2, 0],
      [0, 0, 0.1, 0.15],
    ]);
    near(found.plan, monotone, 1e-6);
    near(found.cost, monotone.mul(distances).sum(), 1e-6);
  });

  test('has the plan as the derivative of its value in the cost', () => {
    const value = (C: Tensor): Tensor => sinkhorn(C, a, b, tight).regularizedCost;
    near(grad(value)(cost), sinkhorn(cost, a, b, tight).plan);
  });

  test('has derivatives of plan and value in cost and marginals', () => {
    const weights = tensor([
      [1, -1, 2],
      [0, 3, 1],
      [-2, 1, 1],
      [0.5, 0, 1],
    ]);
    const figure = (C: Tensor, from: Tensor, to: Tensor): Tensor => {
      const { plan, regularizedCost } = sinkhorn(C, from, to, tight);
      return plan.mul(weights).sum().add(regularizedCost);
    };
    checkGrads(figure, [cost, a, b], { order: 2 });
    const gradient = grad(figure);
    const costs = tensor([1, 0.5, 2]).reshape([3, 1, 1]).mul(cost);
    const batch = jit(vmap(gradient, { inAxes: [0, null, null] }))(costs, a, b);
    for (let i = 0; i < 3; i++) near(batch.at(i), gradient(costs.at(i), a, b), 1e-11);
  });

  test('allows other marginals at a price, with derivatives in masses', () => {
    const options: SinkhornOptions = { ...tight, marginalPenalty: 0.8 };
    const masses = a.mul(2);
    const { plan, regularizedCost, cost: paid } = sinkhorn(cost, masses, b, options);
    const divergence = (p: Tensor, q: Tensor): Tensor => p.mul(p.div(q).log()).sub(p).add(q).sum();
    const product = masses.expandDims(1).mul(b);
    const total = paid
      .add(divergence(plan, product).mul(0.3))
      .add(divergence(plan.sum({ axis: 1 }), masses).mul(0.8))
      .add(divergence(plan.sum({ axis: 0 }), b).mul(0.8));
    near(regularizedCost, total);
    expect(plan.sum().item()).toBeGreaterThan(1);
    const value = (C: Tensor, m: Tensor): Tensor =>
      sinkhorn(C, m, b, options).regularizedCost.add(sinkhorn(C, m, b, options).plan.at(0, 1));
    checkGrads(value, [cost, masses], { order: 2 });
    near(grad((C: Tensor) => sinkhorn(C, masses, b, options).regularizedCost)(cost), plan);
    const kept = sinkhorn(cost, a, b, { ...tight, marginalPenalty: 1e6, solver: 'anderson' });
    near(kept.plan, sinkhorn(cost, a, b, tight).plan, 1e-5);
  });

  test('leaves out entries without mass, however cheap they are', () => {
    const more = concatenate([cost, tensor([[-1e4, -1e4, -1e4]])]);
    const { plan } = sinkhorn(more, [0.1, 0.4, 0.3, 0.2, 0], b, tight);
    near(plan.at([0, 4]), sinkhorn(cost, a, b, tight).plan);
    near(plan.at(4), zeros([3]));
  });

  test('says so when it did not converge', () => {
    const { status, residual } = sinkhorn(cost, a, b, { epsilon: 0.02, maxIterations: 3 });
    expect(status).toBe('maxIterations');
    expect(residual.item()).toBeGreaterThan(1e-12);
  });

  test('comes the same in slices, and can be aborted', async () => {
    near((await sinkhorn.async(cost, a, b, tight)).plan, sinkhorn(cost, a, b, tight).plan, 0);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(sinkhorn.async(cost, a, b, { ...tight, signal })).rejects.toThrow('enough');
  });

  test('says what is wrong with an argument', () => {
    expect(() => sinkhorn([1, 2], a, b, tight)).toThrow('sinkhorn: the cost has shape [2]');
    expect(() => sinkhorn([[1, Number.NaN]], undefined, undefined, tight)).toThrow(
      'the cost is NaN at (0, 1)',
    );
    expect(() => sinkhorn(cost, b, b, tight)).toThrow('sinkhorn: a has shape [3]; 4 entries need');
    expect(() => sinkhorn(cost, a, [1, -1, 1], tight)).toThrow('sinkhorn: b is -1 at entry 1');
    expect(() => sinkhorn(cost, a, b, { epsilon: 0 })).toThrow(
      'epsilon is 0; give a finite number',
    );
    expect(() => sinkhorn(cost, a, b, { epsilon: 1, marginalPenalty: -1 })).toThrow(
      'marginalPenalty is -1',
    );
    expect(() => sinkhorn(cost, a, b, { epsilon: 1, tol: -1 })).toThrow('tol is -1');
    expect(() => sinkhorn(cost, a, b, { epsilon: 1, maxIterations: 0 })).toThrow(
      'maxIterations is 0',
    );
  });
});
