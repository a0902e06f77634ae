import type { Tensor } from '@grad/core';
import { elementKinds } from './elements/index.ts';
import type { Mesh } from './mesh.ts';
import { quadratureOf, sample } from './sample.ts';

/** Areas of the elements: shape `[elements]`. Differentiable in the vertices. */
export function elementAreas(mesh: Mesh): Tensor {
  const { points, weights } = quadratureOf(elementKinds[mesh.element]);
  return sample(mesh, points).scale.mul(weights).sum({ axis: 1 });
}
