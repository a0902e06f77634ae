import { type Tensor, type TensorLike, take, tensor } from '@grad/core';
import { edgesAt } from './boundary.ts';
import type { Mesh } from './mesh.ts';
import type { Plane } from './stress.ts';

/** What `edgeStress` is computed from. */
export interface EdgeStressOptions {
  readonly mesh: Mesh;
  /** Displacements `[n, 2]`. */
  readonly u: Tensor;
  /** The name of the part of the boundary. */
  readonly on: string;
  /** Young's modulus there. */
  readonly young: TensorLike;
  /** Poisson's ratio; only needed in plane strain. */
  readonly poisson?: TensorLike;
  readonly plane?: Plane;
}

/**
 * The stress along a free part of the boundary, such as the hoop stress of a hole: one value for each
 * of its edges, at the middle, in the order of `mesh.boundary`. Where no traction acts, it is the only stress there
 * is, and follows from how much the edge is stretched: E e, or E e / (1 - nu^2) in plane strain. On the
 * boundary that is more accurate than the stress at the centre of the next element.
 *
 * @throws RangeError when the mesh has no such part.
 */
export function edgeStress(options: EdgeStressOptions): Tensor {
  const { mesh, u, on, young, poisson = 0, plane = 'stress' } = options;
  const edges = tensor(edgesAt('edgeStress', mesh, on));
  const differences = (field: Tensor): Tensor => {
    const ends = take(field, edges).reshape([edges.size / 2, 2, 2]);
    return ends.at(null, 1).sub(ends.at(null, 0));
  };
  const along = differences(mesh.vertices);
  const stretch = differences(u)
    .mul(along)
    .sum({ axis: 1 })
    .div(along.square().sum({ axis: 1 }));
  const ratio = tensor(poisson, { dtype: 'float64' });
  const modulus = tensor(young, { dtype: 'float64' });
  return stretch.mul(plane === 'stress' ? modulus : modulus.div(ratio.square().neg().add(1)));
}
