import { grad, hvp, jit, jvp, random, stack, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads, taylorTest } from '@grad/core/testing';
import {
  distort,
  edgeStress,
  elasticity,
  elementAreas,
  elementCount,
  type Mesh,
  plateWithHole,
  pNorm,
  poisson,
  rectangle,
  shapeGradient,
  simp,
  solve,
} from '@grad/fem';
import { describe, expect, test } from 'vitest';

const around = ['left', 'right', 'bottom', 'top'].map((on) => ({ on }));
const largest = (x: Tensor): number => x.abs().max().item();

describe.each(['t3', 'q4'] as const)("the shape gradient of f'u for f = 1 on %s", (element) => {
  const mesh = distort(rectangle({ cells: [6, 5], width: 1.5, element }), { seed: 4 });
  const objective = (of: Mesh): Tensor =>
    solve(poisson({ mesh: of, source: 1, fixed: around })).compliance;
  const gradient = shapeGradient(objective, mesh);
  const value = objective(mesh).item();

  test('does not change as the body is moved, turned, and knows how it grows', () => {
    expect(value).toBeGreaterThan(0.01);
    expect(largest(gradient.sum({ axis: 0 }))).toBeLessThan(1e-12);
    const growth = gradient.mul(mesh.vertices).sum().item();
    expect(Math.abs(growth - 4 * value)).toBeLessThan(1e-12);
    const turn = mesh.vertices
      .at(null, 0)
      .mul(gradient.at(null, 1))
      .sub(mesh.vertices.at(null, 1).mul(gradient.at(null, 0)));
    expect(Math.abs(turn.sum().item())).toBeLessThan(1e-12);
  });

  test('agrees with differences, compiled or not', () => {
    const f = (vertices: Tensor): Tensor => objective({ ...mesh, vertices });
    checkGrads(f, [mesh.vertices], { eps: 2 ** -13 });
    expect(largest(jit(grad(f))(mesh.vertices).sub(gradient))).toBeLessThan(1e-14);
  });
});

const mesh = distort(plateWithHole({ cells: [6, 5], halfWidth: 4 }), { amount: 0.1, seed: 2 });
const plate = (of: Mesh, young: Tensor | number = 1, pull: Tensor | number = 2) =>
  elasticity({
    mesh: of,
    young,
    poisson: 0.3,
    fixed: [
      { on: 'left', x: 0 },
      { on: 'bottom', y: 0 },
    ],
    loads: [
      { on: 'right', traction: [pull, 0] },
      { on: 'top', traction: [0, 1] },
    ],
  });

describe('derivatives of elasticity', () => {
  const norm = (of: Mesh): Tensor =>
    pNorm(solve(plate(of)).vonMises, { p: 6, weights: elementAreas(of) });

  test('of a p-norm of stresses in vertices agree with differences, of both orders', () => {
    const f = (vertices: Tensor): Tensor => norm({ ...mesh, vertices });
    checkGrads(f, [mesh.vertices], { order: 1, eps: 2 ** -13 });
    const { rates } = taylorTest(f, mesh.vertices, { eps: 2 ** -7 });
    expect(rates[1]).toBeGreaterThan(1.9);
    expect(rates[2]).toBeGreaterThan(2.8);
    expect(largest(grad(f)(mesh.vertices))).toBeGreaterThan(1e-3);
  });

  test('of stresses along a hole in vertices agree with differences', () => {
    const f = (vertices: Tensor): Tensor => {
      const of = { ...mesh, vertices };
      return edgeStress({ mesh: of, u: solve(plate(of)).u, on: 'hole', young: 1 });
    };
    checkGrads(f, [mesh.vertices], { order: 1, eps: 2 ** -13 });
    expect(f(mesh.vertices).shape).toEqual([6]);
  });

  test('in material, thickness, given displacements and forces agree with differences', () => {
    const f = (
      young: Tensor,
      ratio: Tensor,
      thick: Tensor,
      shift: Tensor,
      force: Tensor,
    ): Tensor => {
      const { u, stress, reactions } = solve(
        elasticity({
          mesh,
          young,
          poisson: ratio,
          thickness: thick,
          plane: 'strain',
          fixed: [
            { on: 'left', x: shift },
            { on: 'bottom', y: 0 },
          ],
          loads: [{ at: 5, force }],
          bodyForce: [0.1, -0.2],
        }),
      );
      return u.square().sum().add(stress.sum()).add(reactions.square().sum());
    };
    const young = random.uniform(random.key(1), [elementCount(mesh)]).add(1);
    const scalars = [0.3, 0.7, 0.05].map((x) => tensor(x));
    const [ratio = tensor(0), thick = tensor(0), shift = tensor(0)] = scalars;
    checkGrads(f, [young, ratio, thick, shift, tensor([0.4, 0.2])], { order: 1 });
  });

  const compliance = (densities: Tensor): Tensor => solve(plate(mesh, simp(densities))).compliance;
  const densities = random
    .uniform(random.key(3), [elementCount(mesh)])
    .mul(0.6)
    .add(0.3);

  test('of compliance in densities are those known in closed form', () => {
    // dc/dx = -p x^(p-1) (E - Emin) u' K0 u for each element, with K0 its matrix for modulus 1.
    const { u } = solve(plate(mesh, simp(densities)));
    const unit = plate(mesh).stiffness;
    const nodes = [...mesh.elements];
    const energies = Array.from({ length: elementCount(mesh) }, (_, e) => {
      const own = nodes.slice(4 * e, 4 * e + 4).map((v) => u.at(v));
      const vector = stack(own).reshape([8]);
      return vector.mul(unit.at(e).matmul(vector)).sum();
    });
    const exact = densities
      .square()
      .mul(-3 * (1 - 1e-9))
      .mul(stack(energies));
    const found = grad(compliance)(densities);
    expect(largest(found.sub(exact)) / largest(exact)).toBeLessThan(1e-11);
  });

  test('of second order in densities: products with the Hessian agree with differences', () => {
    const direction = random.normal(random.key(4), [densities.size]);
    const h = 1e-5;
    const gradient = jit(grad(compliance));
    const difference = gradient(densities.add(direction.mul(h)))
      .sub(gradient(densities.sub(direction.mul(h))))
      .div(2 * h);
    const product = hvp(compliance, densities, direction);
    expect(largest(product.sub(difference)) / largest(difference)).toBeLessThan(1e-7);
    const [, forward] = jvp(grad(compliance), [densities], [direction]);
    expect(largest(product.sub(forward)) / largest(forward)).toBeLessThan(1e-11);
    const compiled = jit((x: Tensor, v: Tensor) => hvp(compliance, x, v))(densities, direction);
    expect(largest(product.sub(compiled)) / largest(forward)).toBeLessThan(1e-11);
  });

  test('and solutions come for a batch of load cases', () => {
    const pulls = tensor([0.5, 1, 3]);
    const one = (pull: Tensor): Tensor => solve(plate(mesh, 1, pull)).compliance;
    const each = stack([0, 1, 2].map((k) => one(pulls.at(k))));
    expect(largest(vmap(one)(pulls).sub(each))).toBeLessThan(1e-12 * largest(each));
    const slopes = stack([0, 1, 2].map((k) => grad(one)(pulls.at(k))));
    expect(largest(jit(vmap(grad(one)))(pulls).sub(slopes))).toBeLessThan(1e-12 * largest(slopes));
  });

  test('come for a batch of densities', () => {
    const batch = stack([densities, densities.mul(0.5)]);
    const each = stack([grad(compliance)(batch.at(0)), grad(compliance)(batch.at(1))]);
    const found = vmap(grad(compliance))(batch);
    expect(largest(found.sub(each))).toBeLessThan(1e-11 * largest(each));
  });

  test('do not know the status while they are recorded', () => {
    const made = jit((pull: Tensor) => solve(plate(mesh, 1, pull)))(2);
    expect(made.converged.item()).toBe(1);
    expect(made.status).toBe(null);
  });
});

describe('the p-norm', () => {
  test('comes to the maximum, weighs, and does not overflow', () => {
    expect(pNorm([3, 4], { p: 2 }).item()).toBeCloseTo(5, 14);
    expect(pNorm([3, -4], { p: 1, weights: [2, 0.5] }).item()).toBeCloseTo(8, 14);
    expect(pNorm([1e200, 1e200], { p: 64 }).item() / 1e200).toBeCloseTo(2 ** (1 / 64), 12);
    expect(pNorm([1, 2, 7], { p: 400 }).item()).toBeCloseTo(7, 12);
    checkGrads((x: Tensor) => pNorm(x, { p: 5 }), [tensor([0.3, 1.2, 0.8])]);
  });

  test('of zeros is 0 with derivative 0', () => {
    expect(grad((x: Tensor) => pNorm(x))(tensor([0, 0])).toArray()).toEqual([0, 0]);
  });

  test('refuses exponents below 1 and weights of another shape', () => {
    expect(() => pNorm([1], { p: 0.5 })).toThrow('p is 0.5; give a number of 1 or more');
    expect(() => pNorm([1, 2], { weights: [1, 2, 3] })).toThrow('weights have shape [3]');
  });
});
