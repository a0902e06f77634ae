// Light that surfaces reflect. A reflectance f gives the radiance that leaves in the direction of the eye,
//
//   L = sum over lights of f * E * max(n . l, 0) * V,
//
// with E the irradiance of an area that faces the light, l the direction to it and V what reaches the surface of
// it (1 without shadows). Lambert's surface has f = albedo / pi, so that albedo is the share of light that
// it gives back; Phong's adds a lobe around the mirrored direction, scaled to have the same meaning.
import { pow, type Tensor, type TensorLike, tensor, where } from '@grad/core';
import { checkLast, checkOptions, checkValues } from './check.ts';
import type { Light, LightRay } from './lights.ts';
import { dotLast, normalized } from './vectors.ts';

/** The share `[..., 1]` of the light of a ray that reaches points, from 0 to 1. */
export type Shadow = (points: Tensor, ray: LightRay) => Tensor;

/** A matt surface and what shines on it. */
export interface LambertOptions {
  /** Where the surface is and how it faces. */
  readonly surface: {
    /** Points, `[..., 3]`. */
    readonly position: TensorLike;
    /** Normals of length 1, `[..., 3]`. */
    readonly normal: TensorLike;
  };
  /** Share of light that is given back: a number, or `[channels]`, or `[..., channels]`. */
  readonly albedo: TensorLike;
  /** What shines on it. */
  readonly lights: readonly Light[];
  /** Radiance that comes from everywhere, of which the surface gives back its albedo; 0 when left out. */
  readonly ambient?: TensorLike;
  /** What stands between surface and lights; nothing when left out. */
  readonly shadow?: Shadow;
}

/** A shiny surface and what shines on it. */
export interface PhongOptions extends LambertOptions {
  /** Where it is seen from, `[3]` or `[..., 3]`. */
  readonly eye: TensorLike;
  /** Share of light that is given back around the mirrored direction, like `albedo`. */
  readonly specular: TensorLike;
  /** Exponent of the lobe: large ones make small highlights. */
  readonly shininess: TensorLike;
}

const lambertOptions = ['surface', 'albedo', 'lights', 'ambient', 'shadow'];

/**
 * The radiance that leaves a matt surface, `[..., channels]`: for one point light without ambient light
 * `albedo / pi * intensity * max(n . l, 0) / r^2`.
 *
 * @throws ShapeError when positions or normals are not `[..., 3]`.
 * @throws RangeError when the albedo is below 0.
 * @see Lambert, Photometria, 1760.
 */
export function lambert(options: LambertOptions): Tensor {
  checkOptions('lambert', options, lambertOptions);
  return shade('lambert', options, () => tensor(0));
}

/**
 * The radiance that leaves a shiny surface, `[..., channels]`: that of `lambert` and a lobe with
 * `specular * (shininess + 2) / (2 pi) * max(r . e, 0)^shininess` in place of `albedo / pi`, where r is the
 * mirrored direction to the light and e that to the eye. No light comes back twice while albedo and specular
 * together are at most 1.
 *
 * @throws ShapeError when positions, normals or the eye are not `[..., 3]`.
 * @throws RangeError when albedo or specular are below 0, or the shininess is.
 * @see Phong, Illumination for computer generated pictures, CACM 18 (1975); Lafortune and Willems, Using the
 *   modified Phong reflectance model for physically based rendering, 1994, on the scale.
 */
export function phong(options: PhongOptions): Tensor {
  checkOptions('phong', options, [...lambertOptions, 'eye', 'specular', 'shininess']);
  const [eye, specular, shininess] = [options.eye, options.specular, options.shininess].map((x) =>
    tensor(x),
  );
  if (!eye || !specular || !shininess) throw new Error('unreachable');
  checkLast('phong', 'the eye', eye);
  checkValues('phong', 'specular', specular, 'give 0 or more', (x) => x >= 0);
  checkValues('phong', 'shininess', shininess, 'give 0 or more', (x) => x >= 0);
  const [position, normal] = [tensor(options.surface.position), tensor(options.surface.normal)];
  const toEye = normalized(eye.sub(position));
  const scale = specular.mul(shininess.add(2)).div(2 * Math.PI);
  return shade('phong', options, ({ direction }) => {
    const mirrored = normal.mul(dotLast(normal, direction).mul(2)).sub(direction);
    const cosine = dotLast(mirrored, toEye);
    const isLit = cosine.gt(0);
    return where(isLit, pow(where(isLit, cosine, 1), shininess), 0).mul(scale);
  });
}

/** What lights give by Lambert's reflectance and another one. */
function shade(name: string, options: LambertOptions, more: (ray: LightRay) => Tensor): Tensor {
  const [position, normal] = [tensor(options.surface.position), tensor(options.surface.normal)];
  const albedo = tensor(options.albedo);
  checkLast(name, 'the position', position);
  checkLast(name, 'the normal', normal);
  checkValues(name, 'albedo', albedo, 'give 0 or more', (x) => x >= 0);
  const { lights, shadow, ambient = 0 } = options;
  const parts = lights.flatMap((light) =>
    light.rays(position).map((ray) => {
      const facing = dotLast(normal, ray.direction).relu();
      const arriving = ray.irradiance.mul(facing);
      const reaching = shadow ? arriving.mul(shadow(position, ray)) : arriving;
      return albedo.div(Math.PI).add(more(ray)).mul(reaching);
    }),
  );
  const reflected = albedo.mul(tensor(ambient));
  return parts.reduce((sum, part) => sum.add(part), reflected);
}
