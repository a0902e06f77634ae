// Rotations in space. By Rodrigues' formula a turn by the angle t = |v| around v is
//
//   R = I + A [v] + B [v]^2,   A = sin(t) / t,   B = (1 - cos(t)) / t^2,
//
// with [v] the matrix of the cross product with v. Near t = 0 the two coefficients are their series in t^2,
// so that all derivatives at no turn are right.
import {
  asin,
  cos,
  eye,
  sin,
  sqrt,
  stack,
  type Tensor,
  type TensorLike,
  tensor,
  where,
} from '@grad/core';
import { checkLast, checkShape } from './check.ts';
import { component, components, dotLast, normalized } from './vectors.ts';

/**
 * The rotation by an angle around an axis, as one vector: its direction is the axis, its length the angle in
 * radians, counter-clockwise when the axis points to the viewer. Smooth everywhere.
 *
 * @param vector of shape `[3]`
 * @returns the matrix `[3, 3]` that is multiplied with column vectors
 * @throws ShapeError when the vector has another shape.
 * @see Rodrigues 1840; Gallego and Yezzi, A compact formula for the derivative of a 3-D rotation in exponential
 *   coordinates, Journal of Mathematical Imaging and Vision 51 (2015).
 */
export function axisAngle(vector: TensorLike): Tensor {
  const v = tensor(vector);
  checkShape('axisAngle', 'the vector', v, [3]);
  const squared = dotLast(v, v).reshape([]);
  const isSmall = squared.lt(1e-6);
  const t2 = where(isSmall, 1, squared);
  const t = sqrt(t2);
  const sine = where(isSmall, series(squared, [1, -1 / 6, 1 / 120]), sin(t).div(t));
  const versine = where(
    isSmall,
    series(squared, [1 / 2, -1 / 24, 1 / 720]),
    cos(t).neg().add(1).div(t2),
  );
  const [x, y, z] = components(v);
  const zero = x.mul(0);
  const skew = stack([zero, z.neg(), y, z, zero, x.neg(), y.neg(), x, zero]).reshape([3, 3]);
  return eye(3, { dtype: v.dtype === 'float32' ? 'float32' : 'float64' })
    .add(skew.mul(sine))
    .add(skew.matmul(skew).mul(versine));
}

function series(x: Tensor, [a = 0, b = 0, c = 0]: readonly number[]): Tensor {
  return x.mul(c).add(b).mul(x).add(a);
}

/**
 * Rotation matrices of quaternions `[..., 4]` in the order (w, x, y, z), which are divided by their length.
 *
 * @returns matrices `[..., 3, 3]`
 * @throws ShapeError when the last axis has not four elements.
 */
export function quaternionRotation(quaternions: TensorLike): Tensor {
  const given = tensor(quaternions);
  checkLast('quaternionRotation', 'the quaternions', given, 4);
  const q = normalized(given);
  const [w, x, y, z] = [component(q, 0), component(q, 1), component(q, 2), component(q, 3)];
  const twice = (a: Tensor, b: Tensor): Tensor => a.mul(b).mul(2);
  const diagonal = (a: Tensor, b: Tensor): Tensor => twice(a, a).add(twice(b, b)).neg().add(1);
  const rows = [
    [diagonal(y, z), twice(x, y).sub(twice(w, z)), twice(x, z).add(twice(w, y))],
    [twice(x, y).add(twice(w, z)), diagonal(x, z), twice(y, z).sub(twice(w, x))],
    [twice(x, z).sub(twice(w, y)), twice(y, z).add(twice(w, x)), diagonal(x, y)],
  ];
  return stack(
    rows.map((row) => stack(row, { axis: -1 })),
    { axis: -2 },
  );
}

/**
 * The angle between two rotations `[3, 3]`, in radians: that of the turn which takes one to the other. To
 * measure, not to minimize: where they are equal it has no derivative.
 */
export function rotationAngle(a: Tensor, b: Tensor): Tensor {
  // The squared difference is 8 sin^2(t / 2).
  const half = sqrt(a.sub(b).square().sum().div(8)).minimum(1);
  return asin(half).mul(2);
}
