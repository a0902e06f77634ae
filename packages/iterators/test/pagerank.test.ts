import { grad, jit, jvp, type Progress, type Tensor, tensor } from '@grad/core';
import { type PagerankOptions, pagerank } from '@grad/iterators';
import { describe, expect, test } from 'vitest';
import { edges, options } from './six-pages.ts';

const ones = edges.map(() => 1);

/** The scores as the solution of a dense linear system, by Gauss-Seidel sweeps to rounding. */
function denseScores(
  weights: readonly number[],
  jumps: readonly number[],
  dangling: readonly number[],
  alpha: number,
): number[] {
  const n = jumps.length;
  const P = jumps.map(() => new Array<number>(n).fill(0));
  edges.forEach(([from, to], e) => {
    const row = P[from] ?? [];
    row[to] = (row[to] ?? 0) + (weights[e] ?? 0);
  });
  for (const row of P) {
    const total = row.reduce((a, b) => a + b);
    row.forEach((w, j) => {
      row[j] = total > 0 ? w / total : (dangling[j] ?? 0);
    });
  }
  const p = [...jumps];
  for (let sweep = 0; sweep < 400; sweep++) {
    for (let j = 0; j < n; j++) {
      const inflow = p.reduce((s, v, i) => (i === j ? s : s + v * (P[i]?.[j] ?? 0)), 0);
      p[j] = (alpha * inflow + (1 - alpha) * (jumps[j] ?? 0)) / (1 - alpha * (P[j]?.[j] ?? 0));
    }
  }
  return p;
}

function expectScores(scores: Tensor, expected: readonly number[]): void {
  expect(scores.shape).toEqual([expected.length]);
  expected.forEach((score, i) => {
    expect(scores.at(i).item()).toBeCloseTo(score, 14);
  });
}

describe('pagerank', () => {
  test('gives the published scores of six pages', () => {
    const { scores, status } = pagerank(edges, ones, options);
    expect(status).toBe('converged');
    expect([...scores.dataSync()].map((score) => score.toFixed(9))).toEqual([
      '0.037211965',
      '0.053957349',
      '0.041505653',
      '0.375080815',
      '0.205998332',
      '0.286245885',
    ]);
    expect(scores.sum().item()).toBeCloseTo(1, 14);
  });

  test('gives the published derivative of a score with respect to a weight', () => {
    const score = (w: Tensor): Tensor => pagerank(edges, w, options).scores.at(3);
    const derivatives = grad(score)(tensor(ones));
    expect(derivatives.at(7).item()).toBeCloseTo(0.02204500578949879, 14);
  });

  test('leaves the sum of all scores as it is, whatever weight changes', () => {
    const total = (w: Tensor): Tensor => pagerank(edges, w, options).scores.sum();
    expect(grad(total)(tensor(ones)).abs().max().item()).toBeLessThan(1e-15);
    const weighted = tensor(edges.map((_, i) => 1 + (i % 3)));
    expect(grad(total)(weighted).abs().max().item()).toBeLessThan(1e-15);
  });

  test('uses shares of weights, jumps and dangling pages', () => {
    const weights = edges.map((_, i) => 0.5 + (i % 4));
    const jumps = [0.1, 0.2, 0.3, 0.1, 0.2, 0.1];
    const dangling = [0, 0.5, 0, 0.25, 0, 0.25];
    const scaled: PagerankOptions = {
      alpha: 0.7,
      tol: 1e-15,
      personalization: jumps.map((v) => 10 * v),
      dangling: dangling.map((v) => 4 * v),
    };
    expectScores(
      pagerank(
        edges,
        weights.map((w) => 3 * w),
        scaled,
      ).scores,
      denseScores(weights, jumps, dangling, 0.7),
    );
    const { dangling: _, ...same } = scaled;
    expectScores(pagerank(edges, weights, same).scores, denseScores(weights, jumps, jumps, 0.7));
  });

  test('takes weights of any dtype and gives derivatives in it', () => {
    const { scores } = pagerank(edges, ones, options);
    expect(pagerank(edges, Int32Array.from(ones), options).scores.toArray()).toEqual(
      scores.toArray(),
    );
    const weights = tensor(ones, { dtype: 'float32' });
    expect(pagerank(edges, weights, options).scores.toArray()).toEqual(scores.toArray());
    const derivatives = grad((w: Tensor) => pagerank(edges, w, options).scores.at(3))(weights);
    expect(derivatives.dtype).toBe('float32');
    expect(derivatives.at(7).item()).toBeCloseTo(0.02204500578949879, 8);
  });

  test('takes edges in one array, and adds weights of the same edge', () => {
    const { scores } = pagerank(edges, ones, options);
    expect(pagerank(Int32Array.from(edges.flat()), ones, options).scores.toArray()).toEqual(
      scores.toArray(),
    );
    const twice = [...edges, ...edges];
    const halves = twice.map(() => 0.5);
    expectScores(pagerank(twice, halves, options).scores, [...scores.dataSync()]);
  });

  test('takes an edge of weight 0 for none, with a finite derivative', () => {
    const without = denseScores(
      [...ones.slice(0, -1), 0],
      Array(6).fill(1 / 6),
      Array(6).fill(1 / 6),
      0.9,
    );
    const weights = tensor([...ones.slice(0, -1), 0]);
    expectScores(pagerank(edges, weights, options).scores, without);
    const derivatives = grad((w: Tensor) => pagerank(edges, w, options).scores.at(3))(weights);
    expect(derivatives.at(9).item()).toBe(0);
    expect(derivatives.abs().max().item()).toBeLessThan(1);
  });

  test('has equal shares where nothing is linked, and jumps alone for alpha 0', () => {
    expectScores(pagerank([], [], { nodes: 4 }).scores, [0.25, 0.25, 0.25, 0.25]);
    const personalization = [1, 2, 3, 4, 5, 5];
    expectScores(
      pagerank(edges, ones, { alpha: 0, personalization }).scores,
      personalization.map((v) => v / 20),
    );
  });

  test('reports falling residuals, the last of which is at most the tolerance', () => {
    const { residuals, residual, iterations } = pagerank(edges, ones, { alpha: 0.9, tol: 1e-6 });
    expect(residuals.length).toBe(iterations);
    expect(residuals.at(-1)).toBe(residual.item());
    expect(residual.item()).toBeLessThanOrEqual(1e-6);
    expect(residuals.at(-2)).toBeGreaterThan(1e-6);
    residuals.slice(1).forEach((later, i) => {
      expect(later).toBeLessThanOrEqual(0.9 * (residuals[i] ?? 0) * (1 + 1e-9));
    });
  });

  test('says that the iterations did not suffice', () => {
    const { status, residuals, iterations } = pagerank(edges, ones, {
      ...options,
      maxIterations: 5,
    });
    expect([status, iterations, residuals.length]).toEqual(['maxIterations', 5, 5]);
    expect(residuals.at(-1)).toBeGreaterThan(1e-3);
  });

  test('has derivatives in both modes that take as many iterations as they need', () => {
    // Equal shares are right from the start; how they move is not.
    const both = [0, 1, 2, 3, 4].flatMap((i) => [
      [i, (i + 1) % 5],
      [(i + 1) % 5, i],
    ]);
    const weights = tensor(both.map(() => 1));
    const score = (w: Tensor): Tensor => pagerank(both, w, { maxIterations: 2 }).scores.at(0);
    expect(pagerank(both, weights, { maxIterations: 2 }).status).toBe('converged');
    const direction = tensor(both.map((_, i) => Math.sin(i)));
    const [, forward] = jvp(score, [weights], [direction]);
    const h = 1e-4;
    const at = (by: number): number =>
      pagerank(both, weights.add(direction.mul(by)))
        .scores.at(0)
        .item();
    const difference = (at(h) - at(-h)) / (2 * h);
    expect(forward.item()).toBeCloseTo(difference, 8);
    expect(forward.item()).toBeCloseTo(grad(score)(weights).mul(direction).sum().item(), 12);
  });

  test('tells its status inside grad, and refuses inside jit, where it is not known', () => {
    const seen: unknown[] = [];
    grad((w: Tensor) => {
      const { scores, status, iterations } = pagerank(edges, w, options);
      seen.push(status, iterations);
      return scores.at(0);
    })(tensor(ones));
    expect(seen).toEqual(['converged', pagerank(edges, ones, options).iterations]);
    expect(() => jit((w: Tensor) => [pagerank(edges, w).status])(tensor(ones))).toThrow(/jit/);
    const { residual } = pagerank(edges, ones);
    expect(jit((w: Tensor) => pagerank(edges, w).residual)(tensor(ones)).item()).toBe(
      residual.item(),
    );
  });
});

describe('pagerank refuses', () => {
  const cases: Record<string, readonly [() => unknown, RegExp]> = {
    'a node out of range': [
      () =>
        pagerank(
          [
            [0, 1],
            [1, 6],
          ],
          [1, 1],
          { nodes: 6 },
        ),
      /edge 1 \(1 > 6\).*0 to 5/,
    ],
    'a negative node': [() => pagerank(Int32Array.of(0, 1, -1, 0), [1, 1]), /edge 1 \(-1 > 0\)/],
    'an edge that is no pair': [() => pagerank([[0, 1], [1]], [1, 1]), /edge 1 is \[1\]/],
    'a node that is no whole number': [() => pagerank([[0, 0.5]], [1]), /edge 0 is \[0, 0.5\]/],
    'half a pair': [() => pagerank(Int32Array.of(0, 1, 2), [1]), /3 numbers/],
    'a negative weight': [
      () =>
        pagerank(
          [
            [0, 1],
            [1, 0],
          ],
          [1, -2],
        ),
      /edge 1 \(1 > 0\) has the weight -2/,
    ],
    'a weight that is not finite': [
      () =>
        pagerank(
          [
            [0, 1],
            [1, 0],
          ],
          [Number.NaN, 1],
        ),
      /edge 0 \(0 > 1\) has the weight NaN/,
    ],
    'a negative weight inside grad': [
      () => grad((w: Tensor) => pagerank([[0, 1]], w).scores.at(0))(tensor([-1])),
      /edge 0 \(0 > 1\) has the weight -1/,
    ],
    'too few weights': [
      () =>
        pagerank(
          [
            [0, 1],
            [1, 0],
          ],
          [1],
        ),
      /shape \[1\]; 2 edges/,
    ],
    'a graph without nodes': [() => pagerank([], []), /no edges/],
    'a number of nodes that makes no sense': [() => pagerank([[0, 1]], [1], { nodes: 1.5 }), /1.5/],
    'an alpha of 1': [() => pagerank(edges, ones, { alpha: 1 }), /alpha is 1/],
    'a negative alpha': [() => pagerank(edges, ones, { alpha: -0.1 }), /alpha is -0.1/],
    'a tolerance that is NaN': [() => pagerank(edges, ones, { tol: Number.NaN }), /tol is NaN/],
    'no iterations': [() => pagerank(edges, ones, { maxIterations: 0 }), /maxIterations is 0/],
    'a personalization of another length': [
      () => pagerank(edges, ones, { personalization: [1, 2] }),
      /personalization has shape \[2\]; 6 nodes/,
    ],
    'a negative share': [
      () => pagerank(edges, ones, { dangling: [1, -1, 1, 1, 1, 1] }),
      /dangling distribution is -1 at node 1/,
    ],
    'shares that are all 0': [
      () => pagerank(edges, ones, { personalization: [0, 0, 0, 0, 0, 0] }),
      /sums to 0/,
    ],
  };
  for (const [name, [run, message]] of Object.entries(cases)) {
    test(name, () => {
      expect(run).toThrow(message);
    });
  }

  test('gives the same bits in slices, and counts the iterations', async () => {
    const expected = pagerank(edges, ones, options);
    const seen: number[] = [];
    const onProgress = ({ steps }: Progress): void => void seen.push(steps);
    const found = await pagerank.async(edges, ones, { ...options, onProgress });
    expect(found.scores.dataSync()).toEqual(expected.scores.dataSync());
    expect([found.status, found.residuals]).toEqual([expected.status, expected.residuals]);
    expect(seen.at(-1)).toBe(expected.iterations);
  });

  test('is aborted with the reason of the signal', async () => {
    const signal = AbortSignal.abort('enough');
    await expect(pagerank.async(edges, ones, { ...options, signal })).rejects.toBe('enough');
    await expect(pagerank.async(edges, [], options)).rejects.toThrow('10 edges need a vector');
  });
});
