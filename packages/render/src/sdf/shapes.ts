// Signed distances of simple bodies: how far points are from the surface, negative inside. Each is a function of
// points `[..., 3]` with values `[...]`, and of its parameters, which may be variables. Unions of them (minima) are
// exact outside; blends are shorter than the true distance, which costs steps but no exactness.
import { abs, type Tensor, type TensorLike, tensor, where } from '@grad/core';
import { checkShape, checkValues } from '../check.ts';
import { component, dotLast, lengthOf, normalized } from '../vectors.ts';

/** Signed distances `[...]` of points `[..., 3]` to a surface, negative inside. */
export type Sdf = (points: Tensor) => Tensor;

const flat = (x: Tensor): Tensor => x.squeeze(-1);

/**
 * A ball.
 *
 * @throws RangeError when the radius is not above 0.
 */
export function sphereSdf(options: { center?: TensorLike; radius: TensorLike }): Sdf {
  const center = vector('sphereSdf', 'the center', options.center ?? [0, 0, 0]);
  const radius = positive('sphereSdf', 'the radius', options.radius);
  return (points) => flat(lengthOf(points.sub(center))).sub(radius);
}

/**
 * The half-space below a plane.
 *
 * @param options a point of the plane, and the direction out of the body
 * @throws ShapeError when one of them is not `[3]`.
 */
export function planeSdf(options: { point?: TensorLike; normal: TensorLike }): Sdf {
  const point = vector('planeSdf', 'the point', options.point ?? [0, 0, 0]);
  const normal = normalized(vector('planeSdf', 'the normal', options.normal));
  return (points) => flat(dotLast(points.sub(point), normal));
}

/**
 * A box along the axes, with edges rounded by a radius (0 when left out) that its half sizes include.
 *
 * @throws RangeError when a half size is not above 0.
 */
export function boxSdf(options: {
  center?: TensorLike;
  halfSize: TensorLike;
  rounding?: TensorLike;
}): Sdf {
  const center = vector('boxSdf', 'the center', options.center ?? [0, 0, 0]);
  const half = positive('boxSdf', 'the half size', options.halfSize);
  const rounding = tensor(options.rounding ?? 0);
  checkValues('boxSdf', 'the rounding', rounding, 'give 0 or more', (x) => x >= 0);
  return (points) => {
    const beyond = abs(points.sub(center)).sub(half.sub(rounding));
    const outside = flat(lengthOf(beyond.relu()));
    const inside = beyond.max({ axis: -1 }).minimum(0);
    return outside.add(inside).sub(rounding);
  };
}

/**
 * A ring around the y axis of its center.
 *
 * @param options distance of the middle of the tube from the axis, and the radius of the tube
 * @throws RangeError when a radius is not above 0.
 */
export function torusSdf(options: {
  center?: TensorLike;
  radius: TensorLike;
  tube: TensorLike;
}): Sdf {
  const center = vector('torusSdf', 'the center', options.center ?? [0, 0, 0]);
  const radius = positive('torusSdf', 'the radius', options.radius);
  const tube = positive('torusSdf', 'the tube', options.tube);
  return (points) => {
    const p = points.sub(center);
    const [x, y, z] = [component(p, 0), component(p, 1), component(p, 2)];
    const ring = root(x.square().add(z.square())).sub(radius);
    return root(ring.square().add(y.square())).sub(tube);
  };
}

/** What belongs to one of several bodies; where two are equally near the derivative is shared. */
export function unionSdf(...bodies: readonly Sdf[]): Sdf {
  return combined('unionSdf', bodies, (a, b) => a.minimum(b));
}

/**
 * Bodies that flow into each other where their distances differ by less than `width`: a polynomial blend.
 *
 * @throws RangeError when the width is not above 0.
 * @see Quilez, Smooth minimum, quadratic form.
 */
export function smoothUnionSdf(width: TensorLike, ...bodies: readonly Sdf[]): Sdf {
  const w = positive('smoothUnionSdf', 'the width', width);
  return combined('smoothUnionSdf', bodies, (a, b) => {
    const overlap = w.sub(abs(a.sub(b))).relu();
    return a.minimum(b).sub(overlap.square().div(w.mul(4)));
  });
}

function combined(
  name: string,
  bodies: readonly Sdf[],
  combine: (a: Tensor, b: Tensor) => Tensor,
): Sdf {
  if (bodies.length === 0) throw new TypeError(`${name}: there are no bodies; give one or more.`);
  return (points) => bodies.map((body) => body(points)).reduce(combine);
}

function vector(name: string, what: string, given: TensorLike): Tensor {
  const made = tensor(given);
  checkShape(name, what, made, [3]);
  return made;
}

function positive(name: string, what: string, given: TensorLike): Tensor {
  const made = tensor(given);
  checkValues(name, what, made, 'it must be above 0', (x) => x > 0);
  return made;
}

function root(x: Tensor): Tensor {
  const isZero = x.eq(0);
  return where(isZero, 0, where(isZero, 1, x).sqrt());
}
