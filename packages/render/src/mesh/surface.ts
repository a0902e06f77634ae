import { concatenate, type Tensor, type TensorLike, tensor, where } from '@grad/core';
import { type Camera, toCamera } from '../camera.ts';
import { cross, dotLast, normalized } from '../vectors.ts';
import type { Mesh } from './mesh.ts';
import { faceNormals, vertexNormals } from './normals.ts';

/** Points of triangles by the vertices that they lie between. */
export interface SurfacePoints {
  /** int32 `[n, 3]` */
  readonly corners: Tensor;
  /** `[n, 3]`, with the sum 1 */
  readonly weights: Tensor;
  /** int32 `[n]` */
  readonly face: Tensor;
}

/** Places of a surface that are to be given a color. */
export interface Surface {
  /** Points in the world, `[n, 3]`. */
  readonly position: Tensor;
  /** Normals towards the eye, of length 1, `[n, 3]`. */
  readonly normal: Tensor;
  /** Numbers of triangles, int32 `[n]`. */
  readonly face: Tensor;
  /** Values `[vertices, channels]` of vertices at these points: `[n, channels]`. */
  interpolate(values: TensorLike): Tensor;
}

/**
 * The points where view vectors meet triangles, and their depths.
 *
 * @param views vectors with depth 1 in the frame of the camera, `[n, 3]`
 * @param exists where there is such a point; elsewhere it is the middle of the triangle
 */
export function meetingPoints(
  mesh: Mesh,
  camera: Camera,
  { views, face, exists }: { views: Tensor; face: Tensor; exists: Tensor },
): SurfacePoints & { readonly depth: Tensor } {
  const corners = tensor(mesh.faces).reshape([-1, 3]).take(face);
  const local = toCamera(mesh.vertices, camera);
  const [a, b, c] = [0, 1, 2].map((k) => local.take(corners.at(null, k)));
  if (!a || !b || !c) throw new Error('unreachable');
  const isThere = exists.expandDims(-1);
  const normals = [cross(b, c), cross(c, a), cross(a, b)];
  const parts = normals.map((n) => where(isThere, dotLast(views, n), 1));
  const total = parts.reduce((sum, part) => sum.add(part));
  const depth = dotLast(a, cross(b, c)).div(total).squeeze(-1);
  return { corners, weights: concatenate(parts, { axis: -1 }).div(total), face, depth };
}

/** What there is to know about points for their colors. */
export function surfaceAt(
  mesh: Mesh,
  eye: Tensor,
  { corners, weights, face }: SurfacePoints,
  isFlat: boolean,
): Surface {
  const interpolate = (values: TensorLike): Tensor => {
    const given = tensor(values);
    return [0, 1, 2]
      .map((k) => given.take(corners.at(null, k)).mul(weights.at(null, [k, k + 1])))
      .reduce((sum, part) => sum.add(part));
  };
  const position = interpolate(mesh.vertices);
  const outward = faceNormals(mesh).take(face);
  const faced = isFlat ? outward : normalized(interpolate(vertexNormals(mesh)));
  const isBack = dotLast(outward, position.sub(eye)).gt(0);
  return { position, normal: where(isBack, faced.neg(), faced), face, interpolate };
}
