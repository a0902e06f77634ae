// Gaussian splatting. Each of n Gaussians in space is projected by the linear map J that touches the projection at its
// middle, to a Gaussian on the picture with the covariance
//
//   C = J W R S^2 R' W' J' + 0.3 I     (pixels^2; the last term stands for the pixel itself),
//
// and the pixel at the distance d from its middle gets from it the opacity a = min(0.999, o exp(-d' C^-1 d / 2)); below
// 1/255 it is left out. From front to back, by the depth of middles, colors are laid over each other,
//
//   color = sum_i T_i a_i c_i,   T_i = prod_{j < i} (1 - a_j),
//
// up to the first Gaussian that would leave a T of 1e-4 or less. Colors depend on the direction of sight by spherical
// harmonics. Derivatives are those of this sum; the order and what is left out are taken as they are.
import {
  arange,
  argsort,
  exp,
  ones,
  scan,
  sigmoid,
  stack,
  stopGradient,
  type Tensor,
  type TensorLike,
  tensor,
  where,
  zeros,
} from '@grad/core';
import { type Camera, toCamera } from '../camera.ts';
import { checkOptions, checkShape } from '../check.ts';
import { quaternionRotation } from '../rotation.ts';
import { component, normalized } from '../vectors.ts';
import { harmonicColors } from './spherical-harmonics.ts';

/** Gaussians in space, as they are learned and stored. */
export interface Splats {
  /** Middles, `[n, 3]`. */
  readonly means: TensorLike;
  /** Rotations as quaternions (w, x, y, z) of any length, `[n, 4]`. */
  readonly quaternions: TensorLike;
  /** Logarithms of the standard deviations along the turned axes, `[n, 3]`. */
  readonly logScales: TensorLike;
  /** Logits of opacities, `[n]`. */
  readonly opacityLogits: TensorLike;
  /** Coefficients of spherical harmonics, `[n, 1 or 4 or 9 or 16, channels]`. */
  readonly harmonics: TensorLike;
}

/** How to look at Gaussians. */
export interface GaussianSplatsOptions {
  /** What is seen where nothing is, a number or `[channels]`; 0 when left out. */
  readonly background?: TensorLike;
}

/** A picture of Gaussians. */
export interface SplatImage {
  /** `[height, width, channels]` */
  readonly image: Tensor;
  /** 1 - T behind the last Gaussian, `[height, width]`. */
  readonly opacity: Tensor;
}

/**
 * Renders Gaussians in space, with derivatives in all they are made of and in the camera. Time is proportional to the
 * number of Gaussians times that of pixels; memory for derivatives to the same, at nine bytes each.
 *
 * Gaussians whose middle lies before `near` are left out.
 *
 * @throws ShapeError when shapes do not fit together.
 * @see Kerbl, Kopanas, Leimkuehler and Drettakis, 3D Gaussian splatting for real-time radiance field rendering,
 *   SIGGRAPH 2023; Zwicker et al., EWA volume splatting, 2001, on the projection.
 */
export function gaussianSplats(
  splats: Splats,
  camera: Camera,
  options: GaussianSplatsOptions = {},
): SplatImage {
  checkOptions('gaussianSplats', options, ['background']);
  const means = tensor(splats.means);
  const [quaternions, logScales, opacityLogits, harmonics] = [
    splats.quaternions,
    splats.logScales,
    splats.opacityLogits,
    splats.harmonics,
  ].map((x) => tensor(x));
  if (!quaternions || !logScales || !opacityLogits || !harmonics) throw new Error('unreachable');
  const count = means.shape[0] ?? 0;
  checkShape('gaussianSplats', 'means', means, [count, 3]);
  checkShape('gaussianSplats', 'quaternions', quaternions, [count, 4]);
  checkShape('gaussianSplats', 'logScales', logScales, [count, 3]);
  checkShape('gaussianSplats', 'opacityLogits', opacityLogits, [count]);
  checkShape('gaussianSplats', 'harmonics', harmonics, [count, '1, 4, 9 or 16', 'channels']);
  const sight = normalized(means.sub(camera.position));
  const colors = harmonicColors('gaussianSplats', harmonics, sight);
  const seen = projected({ means, quaternions, logScales }, camera);
  const opacity = where(seen.isSeen, sigmoid(opacityLogits), 0);
  const order = argsort(stopGradient(seen.depth));
  const sorted = {
    place: seen.place.take(order),
    inverse: seen.inverse.take(order),
    opacity: opacity.take(order),
    color: colors.take(order),
  };
  return composed(sorted, camera, tensor(options.background ?? 0));
}

/** Gaussians on the picture. */
interface Projected {
  /** Middles in pixels, `[n, 2]`. */
  readonly place: Tensor;
  /** The elements xx, xy, yy of inverse covariances, `[n, 3]`. */
  readonly inverse: Tensor;
  readonly depth: Tensor;
  readonly isSeen: Tensor;
}

function projected(
  { means, quaternions, logScales }: { means: Tensor; quaternions: Tensor; logScales: Tensor },
  camera: Camera,
): Projected {
  const local = toCamera(means, camera);
  const z = component(local, 2);
  const isSeen = z.ge(camera.near);
  const depth = where(isSeen, z, 1);
  const [u, v] = [0, 1].map((k) => component(local, k).div(depth));
  const [fx, fy] = [camera.focal.at(0), camera.focal.at(1)];
  if (!u || !v) throw new Error('unreachable');
  // Beyond 1.3 half pictures the linear map would make Gaussians too large; it is kept as it is there.
  const bounded = (x: Tensor, extent: number, focal: Tensor): Tensor => {
    const limit = tensor(0.65 * extent).div(focal);
    return x.minimum(limit).maximum(limit.neg());
  };
  const [bu, bv] = [bounded(u, camera.width, fx), bounded(v, camera.height, fy)];
  const zero = depth.mul(0);
  const jacobian = stack(
    [
      stack([fx.div(depth), zero, bu.mul(fx).div(depth).neg()], { axis: -1 }),
      stack([zero, fy.div(depth), bv.mul(fy).div(depth).neg()], { axis: -1 }),
    ],
    { axis: 1 },
  );
  // One factor of the covariance: J W R S, [n, 2, 3].
  const factor = jacobian
    .matmul(camera.rotation)
    .matmul(quaternionRotation(quaternions))
    .mul(exp(logScales).expandDims(1));
  const covariance = factor.matmul(factor.transpose([0, 2, 1]));
  const element = (i: number, j: number): Tensor => covariance.at(null, i, j);
  const [xx, xy, yy] = [element(0, 0).add(0.3), element(0, 1), element(1, 1).add(0.3)];
  const determinant = xx.mul(yy).sub(xy.square());
  return {
    place: stack([u.mul(fx).add(camera.center.at(0)), v.mul(fy).add(camera.center.at(1))], {
      axis: -1,
    }),
    inverse: stack([yy, xy.neg(), xx], { axis: -1 }).div(determinant.expandDims(1)),
    depth: where(isSeen, z, Number.POSITIVE_INFINITY),
    isSeen,
  };
}

interface Sorted {
  readonly place: Tensor;
  readonly inverse: Tensor;
  readonly opacity: Tensor;
  readonly color: Tensor;
}

/** Lays Gaussians over each other, from front to back. */
function composed(sorted: Sorted, { width, height }: Camera, background: Tensor): SplatImage {
  const channels = sorted.color.shape[1] ?? 1;
  const x = arange(width).add(0.5).expandDims(0);
  const y = arange(height).add(0.5).expandDims(1);
  const start = {
    color: zeros([channels, height, width]),
    through: ones([height, width]),
    isOpen: ones([height, width]).gt(0),
  };
  const [end] = scan(
    ({ color, through, isOpen }, one: Sorted) => {
      const [dx, dy] = [x.sub(one.place.at(0)), y.sub(one.place.at(1))];
      const squared = dx
        .square()
        .mul(one.inverse.at(0))
        .add(dx.mul(dy).mul(one.inverse.at(1).mul(2)))
        .add(dy.square().mul(one.inverse.at(2)));
      const alpha = exp(squared.mul(-0.5)).mul(one.opacity).minimum(0.999);
      const next = through.mul(alpha.neg().add(1));
      const counts = alpha.ge(1 / 255);
      const isFull = where(counts, next.le(1e-4), false);
      const stays = where(isOpen, isFull.eq(false), false);
      const isAdded = where(stays, counts, false);
      const weight = where(isAdded, through.mul(alpha), 0);
      return [
        {
          color: color.add(weight.mul(one.color.reshape([channels, 1, 1]))),
          through: where(isAdded, next, through),
          isOpen: stays,
        },
        null,
      ];
    },
    start,
    sorted,
    { checkpoint: 'recompute' },
  );
  const seen = end.color.transpose([1, 2, 0]);
  return {
    image: seen.add(end.through.expandDims(2).mul(background)),
    opacity: end.through.neg().add(1),
  };
}
