import { cos, grad, sin, type Tensor, tensor } from '@grad/core';
import {
  cookMembrane,
  distort,
  type ElasticityOptions,
  type ElementName,
  elasticity,
  type Mesh,
  poisson,
  rectangle,
  type SolveOptions,
  solve,
} from '@grad/fem';
import { describe, expect, test } from 'vitest';

const around = ['left', 'right', 'bottom', 'top'].map((on) => ({ on }));

describe('published values', () => {
  test.each([
    [8, 0.072782628676471],
    [16, 0.07344576657892],
    [32, 0.073614737354524],
  ])('of the largest u with -Laplace u = 1 on a square of %i by as many', (n, value) => {
    const mesh = rectangle({ cells: [n, n], element: 't3' });
    const { u, status } = solve(poisson({ mesh, source: 1, fixed: around }));
    expect(u.max().item()).toBeCloseTo(value, 14);
    expect(status).toBe('converged');
  });

  test.each([
    [2, 11.84518],
    [4, 18.299166],
    [8, 22.079183],
  ])("of the tip of Cook's membrane in %i by as many quadrilaterals", (n, value) => {
    const mesh = cookMembrane(n);
    const middle = n + (n / 2) * (n + 1);
    expect(mesh.vertices.at(middle).toArray()).toEqual([48, 52]);
    const { u } = solve(
      elasticity({
        mesh,
        young: 1,
        poisson: 1 / 3,
        fixed: [{ on: 'left' }],
        loads: [{ on: 'right', traction: [0, 1 / 16] }],
      }),
    );
    expect(Math.abs(u.at(middle, 1).item() - value)).toBeLessThan(1e-6);
  });
});

/** Root of the mean square of an error at the vertices. */
const rms = (error: Tensor): number => Math.sqrt(error.square().mean().item());

const meshes = (element: ElementName): Mesh[] =>
  [8, 16, 32].map((n) => distort(rectangle({ cells: [n, n], element }), { amount: 0.15 }));

/** Orders of convergence as the mesh is halved. */
const orders = (errors: readonly number[]): number[] =>
  errors.slice(1).map((error, k) => Math.log2((errors[k] ?? 0) / error));

describe.each(['t3', 'q4'] as const)('manufactured solutions on distorted meshes of %s', (kind) => {
  const pi = Math.PI;

  test("of Poisson's equation converge with order 2", () => {
    const exact = (x: Tensor, y: Tensor): Tensor => sin(x.mul(pi)).mul(cos(y.mul(pi)));
    const source = (x: Tensor, y: Tensor): Tensor => exact(x, y).mul(2 * pi * pi);
    const errors = meshes(kind).map((mesh) => {
      // Given to the left and right; the slope is 0 below and above.
      const fixed = ['left', 'right'].map((on) => ({ on, value: exact }));
      const { u } = solve(poisson({ mesh, source, fixed }));
      return rms(u.sub(exact(mesh.vertices.at(null, 0), mesh.vertices.at(null, 1))));
    });
    for (const order of orders(errors)) expect(order).toBeGreaterThan(1.8);
    expect(errors[2]).toBeGreaterThan(1e-6);
  });

  test('of elasticity converge with order 2', () => {
    // u = (s, 0) with s = sin(pi x) sin(pi y) in plane strain: f = -((l + 2m) s_xx + m s_yy, (l + m) s_xy).
    const [young, nu] = [1, 0.3];
    const [l, m] = [(young * nu) / (1 + nu) / (1 - 2 * nu), young / 2 / (1 + nu)];
    const exact = (x: Tensor, y: Tensor): Tensor => sin(x.mul(pi)).mul(sin(y.mul(pi)));
    const errors = meshes(kind).map((mesh) => {
      const { u } = solve(
        elasticity({
          mesh,
          young,
          poisson: nu,
          plane: 'strain',
          fixed: around,
          bodyForce: [
            (x, y) => exact(x, y).mul(pi * pi * (l + 3 * m)),
            (x, y) =>
              cos(x.mul(pi))
                .mul(cos(y.mul(pi)))
                .mul(-pi * pi * (l + m)),
          ],
        }),
      );
      const [x, y] = [mesh.vertices.at(null, 0), mesh.vertices.at(null, 1)];
      return rms(u.at(null, 0).sub(exact(x, y))) + rms(u.at(null, 1));
    });
    for (const order of orders(errors)) expect(order).toBeGreaterThan(1.7);
    expect(errors[2]).toBeGreaterThan(1e-6);
  });
});

test('conjugate gradients find the same as the factors', () => {
  const mesh = rectangle({ cells: [40, 20], width: 2 });
  const cantilever: ElasticityOptions = {
    mesh,
    young: 1,
    poisson: 0.3,
    fixed: [{ on: 'left' }],
    loads: [{ on: 'right', traction: [0, -1] }],
  };
  const problem = elasticity(cantilever);
  const [direct, iterative] = [solve(problem), solve(problem, { method: 'cg', tolerance: 1e-11 })];
  expect(iterative.status).toBe('converged');
  const error = iterative.u.sub(direct.u).abs().max().item();
  expect(error / direct.u.abs().max().item()).toBeLessThan(1e-9);
  // A derivative is found by the same method.
  const sum = (options: SolveOptions) => (young: Tensor) =>
    solve(elasticity({ ...cantilever, young }), options).u.sum();
  const [one, other] = [{}, { method: 'cg', tolerance: 1e-11 } as const].map((options) =>
    grad(sum(options))(tensor(1)).item(),
  );
  expect((other ?? 0) / (one ?? 1)).toBeCloseTo(1, 9);
  const cut = solve(problem, { method: 'cg', maxIterations: 2 });
  expect(cut.status).toBe('notConverged');
});
