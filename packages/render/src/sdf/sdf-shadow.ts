import { asin, full, type Tensor, tensor, where } from '@grad/core';
import { checkCount, checkOptions } from '../check.ts';
import type { Shadow } from '../shading.ts';
import { march } from './march.ts';
import type { Sdf } from './shapes.ts';

/** How bodies cast shadows. */
export interface SdfShadowOptions {
  /** Radius of the balls that lights are taken for: it makes shadows soft, and is above 0. */
  readonly radius: number;
  /** Distance from the surface at which a shadow may begin; 0.001 when left out. */
  readonly bias?: number;
  /** Steps along a ray; 200 when left out. */
  readonly maxSteps?: number;
}

/**
 * Shadows of a body, for `lambert` and `phong`. A light is taken for a ball, and what stands before it for a
 * half-plane as far away from its middle as the body is from the ray: what is left of a disc is then
 * `1/2 + (s sqrt(1 - s^2) + asin s) / pi` for the distance s from the middle in radii. That is right for edges
 * that are straight on the scale of the light, and differentiable in everything. Bodies that are thinner than the
 * light seems wide at their place let some of it through.
 *
 * @throws RangeError when the radius or the bias is not above 0.
 */
export function sdfShadow(sdf: Sdf, options: SdfShadowOptions): Shadow {
  checkOptions('sdfShadow', options, ['radius', 'bias', 'maxSteps']);
  const { radius, bias = 1e-3, maxSteps = 200 } = options;
  checkCount('sdfShadow', 'maxSteps', maxSteps);
  for (const [what, x] of Object.entries({ radius, bias })) {
    if (!(x > 0)) throw new RangeError(`sdfShadow: ${what} is ${x}; give a length above 0.`);
  }
  return (points, { direction, distance }) => {
    const shape = points.shape;
    const count = points.size / 3;
    const [origins, directions] = [points.reshape([count, 3]), direction.reshape([count, 3])];
    const reach = distance.reshape([count]);
    const angle = tensor(radius).div(reach);
    const { nearest } = march(
      sdf,
      { origins, directions },
      { start: full([count], bias), far: reach, angle, first: false, maxSteps },
    );
    const along = origins.add(directions.mul(nearest.expandDims(-1)));
    return visible(sdf(along).div(nearest).div(angle)).reshape([...shape.slice(0, -1), 1]);
  };
}

/** What is left of a disc of radius 1 beyond a line at a distance from its middle. */
function visible(s: Tensor): Tensor {
  const isPart = s.abs().lt(1 - 1e-12);
  const inside = where(isPart, s, 0);
  const share = inside
    .mul(inside.square().neg().add(1).sqrt())
    .add(asin(inside))
    .div(Math.PI)
    .add(0.5);
  return where(isPart, share, where(s.gt(0), 1, 0));
}
