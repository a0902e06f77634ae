import { grad, hvp, jit, matmul, sin, type Tensor, tanh, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { fixedPoint, root, solveStatus } from '@grad/solve';
import { describe, expect, test } from 'vitest';

const adjoints = ['implicit', 'unroll'] as const;
const solvers = ['picard', 'anderson', 'newton'] as const;

describe.each(adjoints)('by the adjoint %s', (adjoint) => {
  const kepler = (M: Tensor, e: Tensor) =>
    root((E, [M, e]) => E.sub(sin(E).mul(e)).sub(M), 1, [M, e] as const, { tol: 1e-14, adjoint });

  test("Kepler's equation has the published root and derivatives", () => {
    const { value, status, residual } = kepler(tensor(1), tensor(0.6));
    expect([status, residual.item() <= 1e-14]).toEqual(['converged', true]);
    expect(value.item()).toBeCloseTo(1.5997485482275295, 14);
    const [dM, de] = grad((M: Tensor, e: Tensor) => kepler(M, e).value, { argnums: [0, 1] })(
      1,
      0.6,
    );
    expect(dM.item()).toBeCloseTo(0.9829276224269272, 13);
    expect(de.item()).toBeCloseTo(0.9825156909388113, 13);
  });

  test.each(solvers)('the Curie-Weiss magnet has the published values with %s', (solver) => {
    const field = (beta: Tensor, h: Tensor) =>
      fixedPoint((m, [b, h]) => tanh(m.add(h).mul(b)), 0.5, [beta, h] as const, {
        solver,
        tol: 1e-14,
        adjoint,
      });
    const { value, status } = field(tensor(1.5), tensor(0));
    expect(status).toBe('converged');
    expect(value.item()).toBeCloseTo(0.8585596366401104, 13);
    const [inBeta, inH] = grad((b: Tensor, h: Tensor) => field(b, h).value, { argnums: [0, 1] })(
      1.5,
      0,
    );
    expect(inBeta.item()).toBeCloseTo(0.37262509309998004, 11);
    expect(inH.item()).toBeCloseTo(0.6510178394098728, 11);
  });
});

describe('an equilibrium of a layer', () => {
  const weights = tensor([
    [0.3, -0.4, 0.2],
    [0.1, 0.5, -0.3],
    [-0.2, 0.3, 0.1],
  ]);
  const layer = (w: Tensor): Tensor =>
    fixedPoint(({ z }) => ({ z: tanh(matmul(w, z).add(1)) }), { z: tensor([0, 0, 0]) }, undefined, {
      tol: 1e-14,
    })
      .value.z.square()
      .sum();

  test('has derivatives in what it closes over, twice', () => {
    checkGrads(layer, [weights], { order: 2 });
    const unit = weights.mul(0).add(1);
    const fromGradient = jit(grad((w: Tensor) => grad(layer)(w).sum()))(weights);
    expect(
      fromGradient
        .sub(hvp(layer, weights, unit))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-11);
  });

  test('takes fewer steps with Anderson than without', () => {
    const steps = (solver: 'picard' | 'anderson'): number =>
      fixedPoint((m: Tensor) => tanh(m.mul(1.1)), 1, undefined, { solver }).iterations.item();
    expect(steps('anderson')).toBeLessThan(steps('picard') / 5);
  });
});

describe('a root', () => {
  test('of a system is found from afar by shorter steps', () => {
    const { value, status } = root((x: Tensor) => x.mul(x.square().add(1).sqrt()).sub(1), 50);
    expect(status).toBe('converged');
    expect(value.item()).toBeCloseTo(0.7861513777574233, 10);
    const [x, y] = root(
      ([x, y]) => [x.square().add(y.square()).sub(4), x.mul(y).sub(1)] as const,
      [2, 0.3],
    ).value;
    expect(x.item()).toBeCloseTo(1.9318516525781366, 10);
    expect(y.item()).toBeCloseTo(0.5176380902050415, 10);
    // Undamped, Newton's method for the arctangent diverges from here.
    const bent = root((x: Tensor) => x.div(x.square().add(1).sqrt()), 3);
    expect([bent.status, Math.abs(bent.value.item()) < 1e-9]).toEqual(['converged', true]);
  });

  test('stays in its bracket, where Newton alone would leave', () => {
    const f = (x: Tensor): Tensor => x.mul(20).sub(7).sigmoid().sub(0.01);
    const { value, status } = root(f, 1, undefined, { bracket: [-2, 3], tol: 1e-13 });
    expect(status).toBe('converged');
    expect(value.item()).toBeCloseTo((7 + Math.log(0.01 / 0.99)) / 20, 11);
    const other = root(f, 1, undefined, { bracket: [1, 3] });
    expect(other.status).toBe('noSignChange');
    const edge = root((x: Tensor) => x.sub(2), 0.5, undefined, { bracket: [2, 3] });
    expect([edge.status, edge.value.item()]).toEqual(['converged', 2]);
  });

  test('of many unknowns is found without a matrix', () => {
    const n = 300;
    const f = (x: Tensor, b: Tensor): Tensor => x.mul(3).add(x.pow(3)).sub(x.mean()).sub(b);
    const b = tensor(Float64Array.from({ length: n }, (_, i) => Math.sin(i)));
    const solved = (b: Tensor) => root(f, tensor(new Float64Array(n)), b, { tol: 1e-12 });
    expect(solved(b).status).toBe('converged');
    checkGrads((b: Tensor) => solved(b).value.square().sum(), [b]);
  });

  test('comes in batches, each with its own number of steps', () => {
    const anomaly = (M: Tensor): Tensor =>
      root((E: Tensor) => E.sub(sin(E).mul(0.9)).sub(M), 1).value;
    const means = tensor([0.1, 1, 3]);
    const E = vmap(anomaly)(means);
    const back = E.sub(sin(E).mul(0.9)).sub(means);
    expect(back.abs().max().item()).toBeLessThan(1e-10);
  });

  test('that is not found has a status', () => {
    expect(root((x: Tensor) => x.square().add(1), 1).status).toBe('stalled');
    expect(root((x: Tensor) => x.mul(Number.NaN), 1).status).toBe('notFinite');
    const few = fixedPoint((x: Tensor) => x.mul(0.9), 1, undefined, {
      solver: 'picard',
      maxIterations: 3,
    });
    expect([few.status, few.iterations.item()]).toEqual(['maxIterations', 3]);
    expect(few.residual.item()).toBeCloseTo(0.0729, 12);
    const code = jit((x: Tensor) => root((y: Tensor) => y.square().add(1), x).code)(1);
    expect(solveStatus(code)).toBe('stalled');
    expect(() => solveStatus(9)).toThrow('9 is not the code of a status');
  });

  test('at which the slope is not defined is an error in the derivative alone', () => {
    const f = (a: Tensor): Tensor => root((x, a) => x.mul(0).add(a.mul(0)), 1, a).value;
    expect(f(tensor(1)).item()).toBe(1);
    expect(() => grad(f)(1)).toThrow(/singular/);
  });

  test('is refused where the call makes no sense', () => {
    const f = (x: Tensor): Tensor => x;
    expect(() => root(f, tensor([1, 2]), undefined, { bracket: [0, 1] })).toThrow(/for 2 unknowns/);
    expect(() => root(f, 1, undefined, { tol: -1 })).toThrow('tol is -1');
    expect(() => root(f, 1, undefined, { maxIterations: 0.5 })).toThrow('maxIterations is 0.5');
    expect(() => root(f, tensor(1, { dtype: 'int32' }))).toThrow(/int32/);
    expect(() => root(() => tensor([1, 2]), 1)).toThrow(/shapes \[2\] for unknowns of shapes \[\]/);
  });
});

test('the forms in slices give the same bits', async () => {
  const f = (x: Tensor): Tensor => sin(x).mul(0.5).add(0.2);
  const found = await fixedPoint.async(f, 1);
  expect(found.value.item()).toBe(fixedPoint(f, 1).value.item());
  const zero = await root.async((x: Tensor) => f(x).sub(x), 1);
  expect([zero.status, Math.abs(zero.value.item() - found.value.item()) < 1e-9]).toEqual([
    'converged',
    true,
  ]);
});
