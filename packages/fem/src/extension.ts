/**
 * A motion of the whole mesh from forces on a part of its boundary: the mesh is taken for an elastic
 * body, the stiffer the smaller its elements are, so that small ones move along rather than collapse.
 * Of a gradient as the force, the motion is the gradient in the inner product of this body (a
 * Steklov-Poincare metric): it is smooth, and how many steps a descent along it takes does not depend
 * on how fine the mesh is.
 *
 * V. Schulz, M. Siebenborn and K. Welker, "Efficient PDE constrained shape optimization based on
 * Steklov-Poincare-type metrics", SIAM J. Optim. 26 (2016) 2800.
 */

import { jit, stopGradient, type Tensor, tensor, where } from '@grad/core';
import { elementAreas } from './areas.ts';
import { verticesAt } from './boundary.ts';
import { elasticity, type FixedDisplacement } from './elasticity.ts';
import type { Mesh } from './mesh.ts';
import { solve } from './solve.ts';

/** Motions of the mesh, as tensors `[n, 2]`. */
export interface Motions {
  /** Force of the objective: its gradient, across the moving boundary only. */
  readonly force: Tensor;
  readonly motion: Tensor;
  /** The same of the area. */
  readonly areaForce: Tensor;
  readonly areaMotion: Tensor;
}

/** Makes motions from a gradient, at vertices `[n, 2]`. */
export function extensionOf(mesh: Mesh, moving: string, fixed: readonly FixedDisplacement[]) {
  const count = mesh.vertices.shape[0] ?? 0;
  const marks = new Float64Array(2 * count);
  for (const vertex of verticesAt('optimizeShape', mesh, moving))
    marks.fill(1, 2 * vertex, 2 * vertex + 2);
  const body = (vertices: Tensor) => {
    const placed = { ...mesh, vertices };
    const young = stopGradient(elementAreas(placed).pow(-1));
    return elasticity({ mesh: placed, young, poisson: 0.3, fixed });
  };
  for (const dof of body(mesh.vertices).support.held) marks[dof] = 0;
  const mask = tensor(marks).reshape([count, 2]);
  return jit((vertices: Tensor, gradient: Tensor, areaGradient: Tensor): Motions => {
    const problem = body(vertices);
    const motionOf = (force: Tensor): Tensor =>
      solve({ ...problem, load: force.reshape([2 * count]) }).u;
    const areaForce = areaGradient.mul(mask);
    // What moves vertices along the boundary changes the discretization and not the shape.
    const size = areaForce.square().sum({ axis: 1, keepdims: true });
    const across = gradient.mul(areaForce).sum({ axis: 1, keepdims: true });
    const share = where(size.gt(0), across.div(where(size.gt(0), size, 1)), 0);
    const force = areaForce.mul(share);
    return { force, motion: motionOf(force), areaForce, areaMotion: motionOf(areaForce) };
  });
}
