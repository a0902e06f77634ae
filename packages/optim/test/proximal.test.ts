import { jit, log, matmul, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import {
  type ProximalIteration,
  projectedGradient,
  projections,
  proximal,
  proximalGradient,
} from '../src/index.ts';

const numbers = (x: Tensor): number[] => Array.from(x.dataSync());
const expectNear = (x: Tensor, wanted: readonly number[], digits = 12): void => {
  expect(x.size).toBe(wanted.length);
  numbers(x).forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i] ?? Number.NaN, digits);
  });
};

describe('projections', () => {
  test('give the nearest point of a simplex', () => {
    expectNear(projections.simplex()(tensor([0.5, 0.8, -1])), [0.35, 0.65, 0]);
    expectNear(projections.simplex(3)(tensor([5, 1, 1])), [3, 0, 0]);
    expectNear(projections.simplex()(tensor([0.2, 0.3, 0.5])), [0.2, 0.3, 0.5]);
  });

  test('give the nearest points of balls, boxes and the orthant', () => {
    expectNear(projections.l1Ball()(tensor([-0.5, 0.8])), [-0.35, 0.65]);
    expectNear(projections.l1Ball(2)(tensor([-0.5, 0.8])), [-0.5, 0.8]);
    expectNear(projections.l2Ball(1)(tensor([3, -4])), [0.6, -0.8]);
    expectNear(projections.l2Ball(5)(tensor([0, 0])), [0, 0]);
    expectNear(projections.box(-1, tensor([1, 2]))(tensor([-3, 3])), [-1, 2]);
    expectNear(projections.nonNegative()(tensor([-3, 3])), [0, 3]);
  });

  test('can be compiled, mapped and differentiated', () => {
    const rows = tensor([
      [0.5, 0.8, -1],
      [2, -1, 0.1],
    ]);
    for (const project of [projections.simplex(), projections.l1Ball(), projections.l2Ball()]) {
      const mapped = jit(vmap(project))(rows);
      expectNear(mapped.at(0), numbers(project(rows.at(0))));
      expectNear(mapped.at(1), numbers(project(rows.at(1))));
      checkGrads(project, [rows.at(0)], { order: 1 });
    }
  });

  test('refuse sets that are empty', () => {
    expect(() => projections.simplex(0)).toThrow(/projections.simplex: total is 0/);
    expect(() => projections.l1Ball(-1)).toThrow(/l1Ball: radius is -1/);
    expect(() => projections.l2Ball(Number.NaN)).toThrow(/l2Ball: radius is NaN/);
    expect(() => proximal.l1(-1)).toThrow(/proximal.l1: weight is -1/);
    expect(() => proximal.group(-1)).toThrow(/proximal.group: weight is -1/);
  });
});

test('proximal operators shrink elements and groups', () => {
  expectNear(proximal.l1(2)(tensor([3, -0.5, -4]), tensor(0.5)), [2, 0, -3]);
  const groups = tensor([
    [3, 4],
    [0.3, 0.4],
    [0, 0],
  ]);
  expectNear(proximal.group(1)(groups, tensor(1)).reshape([6]), [2.4, 3.2, 0, 0, 0, 0]);
});

/** A design of 20 rows and 6 columns that are correlated, and a response. */
const rows = 20;
const design = tensor(
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: 6 }, (_, j) => Math.sin(1.7 * i + j * j) + 0.4 * Math.cos(0.3 * i)),
  ),
);
const response = tensor(
  Array.from({ length: rows }, (_, i) => Math.sin(1.7 * i) + 0.1 * Math.cos(9 * i)),
);
const halfSquares = (w: Tensor): Tensor => matmul(design, w).sub(response).square().sum().mul(0.5);

describe('proximalGradient', () => {
  test.each([true, false])(
    'satisfies the conditions of the lasso, accelerated: %s',
    async (accelerate) => {
      const weight = 0.9;
      const { x, status, iterations } = await proximalGradient(
        halfSquares,
        proximal.l1(weight),
        tensor(new Float64Array(6)),
        { tolerance: 1e-11, accelerate },
      );
      expect(status).toBe('converged');
      if (accelerate) expect(iterations).toBeLessThan(600);
      const correlations = numbers(matmul(design.transpose(), response.sub(matmul(design, x))));
      const w = numbers(x);
      expect(w.filter((value) => value === 0).length).toBeGreaterThan(0);
      expect(w.filter((value) => value !== 0).length).toBeGreaterThan(1);
      correlations.forEach((correlation, i) => {
        const value = w[i] ?? 0;
        if (value === 0) expect(Math.abs(correlation)).toBeLessThan(weight);
        else expect(correlation).toBeCloseTo(weight * Math.sign(value), 9);
      });
    },
  );

  test('gives the closed form of the lasso where columns are orthogonal', async () => {
    const c = tensor([0.9, 0.2, -0.5, 0.05]);
    const seen: ProximalIteration<{ w: Tensor }>[] = [];
    const { x } = await proximalGradient(
      ({ w }: { w: Tensor }) => w.square().mul(0.5).sub(w.mul(c)).sum(),
      ({ w }, step) => ({ w: proximal.l1(0.1)(w, step) }),
      { w: tensor([0, 0, 0, 0]) },
      { onIteration: (iteration) => void seen.push(iteration) },
    );
    expectNear(x.w, [0.8, 0.1, -0.4, 0], 8);
    expect(seen.at(-1)?.residual).toBeLessThanOrEqual(1e-8);
    expect(seen.length).toBeGreaterThan(0);
  });

  test('says why it stopped', async () => {
    const prox = proximal.l1(0.1);
    const start = tensor(new Float64Array(6));
    const few = await proximalGradient(halfSquares, prox, start, { maxIterations: 3 });
    expect([few.status, few.iterations]).toEqual(['maxIterations', 3]);
    const nan = await proximalGradient((x: Tensor) => log(x).sum(), prox, tensor([-1]));
    expect(nan.status).toBe('notFinite');
    const gone = await proximalGradient(halfSquares, prox, start, { signal: AbortSignal.abort() });
    expect(gone.status).toBe('aborted');
    const single = tensor([1], { dtype: 'float32' });
    await expect(proximalGradient(halfSquares, prox, single)).rejects.toThrow(
      /proximalGradient: the start is float32/,
    );
    await expect(
      proximalGradient(halfSquares, prox, start, { tolerance: Number.NaN }),
    ).rejects.toThrow(/tolerance is NaN/);
  });
});

test('projectedGradient finds the portfolio of least variance', async () => {
  // Uncorrelated assets are held in inverse proportion to their variances.
  const variances = tensor([1, 2, 4]);
  const { x, status } = await projectedGradient(
    (w: Tensor) => w.square().mul(variances).sum(),
    projections.simplex(),
    tensor([1, 0, 0]),
  );
  expect(status).toBe('converged');
  expectNear(x, [4 / 7, 2 / 7, 1 / 7], 8);
});
