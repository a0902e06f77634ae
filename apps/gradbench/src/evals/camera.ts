import { cos, sin, stack, type Tensor, where } from '@grad/core';

function cross(a: Tensor, b: Tensor): Tensor {
  const [a0, a1, a2] = [a.at(0), a.at(1), a.at(2)];
  const [b0, b1, b2] = [b.at(0), b.at(1), b.at(2)];
  return stack([
    a1.mul(b2).sub(a2.mul(b1)),
    a2.mul(b0).sub(a0.mul(b2)),
    a0.mul(b1).sub(a1.mul(b0)),
  ]);
}

/** x rotated about an axis by the length of the axis, by Rodrigues' formula. */
function rotate(axis: Tensor, x: Tensor): Tensor {
  const squared = axis.dot(axis);
  const turns = squared.gt(0);
  const angle = where(turns, squared, 1).sqrt();
  const v = axis.div(angle);
  const along = v.mul(v.dot(x)).mul(cos(angle).neg().add(1));
  const rotated = x
    .mul(cos(angle))
    .add(cross(v, x).mul(sin(angle)))
    .add(along);
  return where(turns, rotated, x.add(cross(axis, x)));
}

/** The picture of a point in a camera: rotation, center, focal length, origin, distortion. */
export function project(camera: Tensor, point: Tensor): Tensor {
  const seen = rotate(camera.at([0, 3]), point.sub(camera.at([3, 6])));
  const flat = seen.at([0, 2]).div(seen.at(2));
  const r2 = flat.dot(flat);
  const distortion = r2.mul(camera.at(10)).add(camera.at(9)).mul(r2).add(1);
  return flat
    .mul(distortion)
    .mul(camera.at(6))
    .add(camera.at([7, 9]));
}
