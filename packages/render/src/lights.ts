import { type Tensor, type TensorLike, tensor, where } from '@grad/core';
import {
  checkCount,
  checkLast,
  checkOptions,
  checkShape,
  checkValues,
  knownValues,
} from './check.ts';
import { cross, dotLast, lengthOf } from './vectors.ts';

/** What arrives at points from one place of a light. */
export interface LightRay {
  /** Directions to the light, of length 1, `[..., 3]`. */
  readonly direction: Tensor;
  /** Distances to the light, `[..., 1]`. */
  readonly distance: Tensor;
  /** Power per area that faces the light, `[..., 1]` or `[..., channels]`. */
  readonly irradiance: Tensor;
}

/** A light: one or several places that shine. */
export interface Light {
  /** What arrives at points `[..., 3]`, without regard to what stands between; one item for each place. */
  rays(points: Tensor): readonly LightRay[];
}

/** A light at one point. */
export interface PointLightOptions {
  /** Where it is, `[3]`. */
  readonly position: TensorLike;
  /** Power per solid angle, the same in all directions: a number, or one for each channel. */
  readonly intensity: TensorLike;
}

/**
 * A light at one point, which shines alike in all directions. At the distance r an area that faces it receives
 * `intensity / r^2`.
 *
 * @throws ShapeError when the position is not `[3]` or the intensity not a number or one for each channel.
 * @throws RangeError when the intensity is below 0.
 */
export function pointLight(options: PointLightOptions): Light {
  checkOptions('pointLight', options, ['position', 'intensity']);
  const position = tensor(options.position);
  const intensity = tensor(options.intensity);
  checkShape('pointLight', 'the position', position, [3]);
  checkPower('pointLight', 'the intensity', intensity);
  return { rays: (points) => [rayTo(position, points, () => intensity)] };
}

/** A light in the form of a parallelogram. */
export interface AreaLightOptions {
  /** One corner, `[3]`. */
  readonly corner: TensorLike;
  /** The sides that meet there, two vectors `[3]`. It shines to where their cross product points. */
  readonly sides: readonly [TensorLike, TensorLike];
  /** Power per solid angle and area that faces it: a number, or one for each channel. */
  readonly radiance: TensorLike;
  /** How many places stand for it along each side; [4, 4] when left out. */
  readonly samples?: readonly [number, number];
}

/**
 * A parallelogram that shines to one side, alike in all directions (Lambertian). It is divided into equal parts,
 * each of which stands for its middle: the error falls with the square of their number along a side, and depends
 * on how near the light is.
 *
 * @throws RangeError when its sides are parallel, or the radiance is below 0.
 * @throws ShapeError when a vector is not `[3]`.
 */
export function areaLight(options: AreaLightOptions): Light {
  checkOptions('areaLight', options, ['corner', 'sides', 'radiance', 'samples']);
  const { samples: [across, along] = [4, 4] } = options;
  const [corner, u, v] = [
    tensor(options.corner),
    tensor(options.sides[0]),
    tensor(options.sides[1]),
  ];
  const radiance = tensor(options.radiance);
  for (const [what, vector] of Object.entries({ 'the corner': corner, 'side 0': u, 'side 1': v })) {
    checkShape('areaLight', what, vector, [3]);
  }
  checkPower('areaLight', 'the radiance', radiance);
  checkCount('areaLight', 'samples[0]', across);
  checkCount('areaLight', 'samples[1]', along);
  const normal = cross(u, v);
  const area = lengthOf(normal);
  if (knownValues(area)?.[0] === 0) {
    throw new RangeError('areaLight: the sides are parallel or zero; a parallelogram has an area.');
  }
  const places = Array.from({ length: across * along }, (_, k) => {
    const [i, j] = [Math.floor(k / along), k % along];
    return corner.add(u.mul((i + 0.5) / across)).add(v.mul((j + 0.5) / along));
  });
  // Radiance times projected area; `normal` is as long as the parallelogram is large.
  const power = (direction: Tensor): Tensor =>
    dotLast(direction, normal.neg()).relu().mul(radiance.div(places.length));
  return { rays: (points) => places.map((place) => rayTo(place, points, power)) };
}

function checkPower(name: string, what: string, power: Tensor): void {
  if (power.ndim > 1) checkShape(name, what, power, ['channels']);
  checkValues(name, what, power, 'give 0 or more', (x) => x >= 0);
}

/** What arrives from one place with the intensity that it has in the direction to it. */
function rayTo(place: Tensor, points: Tensor, intensity: (direction: Tensor) => Tensor): LightRay {
  checkLast('a light', 'the points', points);
  const away = place.sub(points);
  const squared = dotLast(away, away);
  // At the light itself there is no direction; what arrives there is left at 0.
  const isAt = squared.eq(0);
  const safe = where(isAt, 1, squared);
  const distance = safe.sqrt();
  const direction = away.div(distance);
  const irradiance = where(isAt, 0, intensity(direction).div(safe));
  return { direction, distance, irradiance };
}
