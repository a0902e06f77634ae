import { cos, sin, type Tensor, where } from '@grad/core';

/** Components of many vectors at once: tensors of one shape. */
export type Vector = readonly [x: Tensor, y: Tensor, z: Tensor];
type Pair = readonly [Tensor, Tensor];

/** Cameras as the 11 numbers of each say: rotation, center, focal length, origin, distortion. */
interface Cameras {
  readonly axis: Vector;
  readonly center: Vector;
  readonly focal: Tensor;
  readonly origin: Pair;
  readonly distortion: Pair;
}

/** The columns of a matrix `[p, 3]`. */
export const vectorsOf = (rows: Tensor): Vector => [
  rows.at(null, 0),
  rows.at(null, 1),
  rows.at(null, 2),
];

/** The cameras that the rows of a matrix `[p, 11]` describe. */
export const camerasOf = (rows: Tensor): Cameras => ({
  axis: vectorsOf(rows),
  center: vectorsOf(rows.at(null, [3, 6])),
  focal: rows.at(null, 6),
  origin: [rows.at(null, 7), rows.at(null, 8)],
  distortion: [rows.at(null, 9), rows.at(null, 10)],
});

const map = (f: (x: Tensor, y: Tensor) => Tensor, a: Vector, b: Vector): Vector => [
  f(a[0], b[0]),
  f(a[1], b[1]),
  f(a[2], b[2]),
];
const each = (f: (x: Tensor) => Tensor, [x, y, z]: Vector): Vector => [f(x), f(y), f(z)];
const plus = (a: Vector, b: Vector): Vector => map((x, y) => x.add(y), a, b);
const minus = (a: Vector, b: Vector): Vector => map((x, y) => x.sub(y), a, b);
const times = (v: Vector, factor: Tensor): Vector => each((x) => x.mul(factor), v);
const dot = ([a, b, c]: Vector, [x, y, z]: Vector): Tensor => a.mul(x).add(b.mul(y)).add(c.mul(z));
const cross = ([a, b, c]: Vector, [x, y, z]: Vector): Vector => [
  b.mul(z).sub(c.mul(y)),
  c.mul(x).sub(a.mul(z)),
  a.mul(y).sub(b.mul(x)),
];

/** Vectors rotated about axes by their length, by Rodrigues' formula. */
function rotate(axis: Vector, x: Vector): Vector {
  const squared = dot(axis, axis);
  const turns = squared.gt(0);
  const angle = where(turns, squared, 1).sqrt();
  const v = each((part) => part.div(angle), axis);
  const along = times(v, dot(v, x).mul(cos(angle).neg().add(1)));
  const rotated = plus(plus(times(x, cos(angle)), times(cross(v, x), sin(angle))), along);
  return map((turned, near) => where(turns, turned, near), rotated, plus(x, cross(axis, x)));
}

/** The pictures of points in cameras. */
export function project({ axis, center, focal, origin, distortion }: Cameras, point: Vector): Pair {
  const [x, y, depth] = rotate(axis, minus(point, center));
  const [a, b] = [x.div(depth), y.div(depth)];
  const r2 = a.square().add(b.square());
  const scale = r2.mul(distortion[1]).add(distortion[0]).mul(r2).add(1).mul(focal);
  return [a.mul(scale).add(origin[0]), b.mul(scale).add(origin[1])];
}
