import { type Tensor, take, tensor } from '@grad/core';
import { elementKinds } from './elements/index.ts';
import { elementCount, type Mesh } from './mesh.ts';

/** Unknowns `[n components]` of the nodes of each element: shape `[elements, nodes components]`. */
export function elementUnknowns(mesh: Mesh, unknowns: Tensor, components: number): Tensor {
  const nodes = elementKinds[mesh.element].nodes.length;
  const count = mesh.vertices.shape[0] ?? 0;
  return take(unknowns.reshape([count, components]), tensor(mesh.elements)).reshape([
    elementCount(mesh),
    nodes * components,
  ]);
}
