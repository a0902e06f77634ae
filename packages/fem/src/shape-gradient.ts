import { grad, type Tensor } from '@grad/core';
import type { Mesh } from './mesh.ts';

/**
 * The derivative of a quantity in the position of every vertex, shape `[n, 2]`, with what is connected
 * held fixed: the exact gradient of the discrete problem. Works inside `jit` and other transforms.
 *
 * @param objective a scalar function of a mesh, such as the compliance of a problem solved on it
 */
export function shapeGradient(objective: (mesh: Mesh) => Tensor, mesh: Mesh): Tensor {
  return grad((vertices: Tensor) => objective({ ...mesh, vertices }))(mesh.vertices);
}
