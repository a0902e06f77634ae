import { scatter, type Tensor, tensor, zeros } from '@grad/core';
import { cross, normalized } from '../vectors.ts';
import type { Mesh } from './mesh.ts';

/** The corners of all triangles, three tensors `[m, 3]`. */
function cornersOf({ vertices, faces }: Mesh): [Tensor, Tensor, Tensor] {
  const corner = (k: number): Tensor => vertices.take(tensor(faces.filter((_, i) => i % 3 === k)));
  return [corner(0), corner(1), corner(2)];
}

/** Normals of triangles, `[m, 3]`, twice as long as their areas. */
function areaNormals(mesh: Mesh): Tensor {
  const [a, b, c] = cornersOf(mesh);
  return cross(b.sub(a), c.sub(a));
}

/** Normals of triangles, of length 1, `[m, 3]`; outwards where corners go counter-clockwise. */
export function faceNormals(mesh: Mesh): Tensor {
  return normalized(areaNormals(mesh));
}

/** Normals at vertices, of length 1, `[n, 3]`: means over the triangles around, weighted by area. */
export function vertexNormals(mesh: Mesh): Tensor {
  const normals = areaNormals(mesh);
  const sums = [0, 1, 2].reduce(
    (sum, k) =>
      scatter(sum, tensor(mesh.faces.filter((_, i) => i % 3 === k)), normals, { mode: 'add' }),
    zeros(mesh.vertices.shape),
  );
  return normalized(sums);
}
