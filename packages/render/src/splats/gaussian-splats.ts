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
//
// The picture is composed in tiles, each of the Gaussians that reach into it: there o exp(-q / 2) is at least 1/255, so
// that q = d' C^-1 d is at most 2 log(255 o), and dx^2 at most q C_xx.
import {
  arange,
  argsort,
  concatenate,
  exp,
  log,
  nonzero,
  ones,
  scan,
  sigmoid,
  sqrt,
  stack,
  stopGradient,
  type Tensor,
  type TensorLike,
  take,
  tensor,
  tree,
  where,
  whileLoop,
  zeros,
} from '@grad/core';
import { type Camera, toCamera } from '../camera.ts';
import { checkOptions, checkShape } from '../check.ts';
import { quaternionRotation } from '../rotation.ts';
import { component, normalized } from '../vectors.ts';
import { harmonicColors } from './spherical-harmonics.ts';

/** Opacities below are left out. */
const leastOpacity = 1 / 255;
/** Edge of the tiles that a picture is composed in, in pixels. */
const tile = 8;

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
 * Renders Gaussians in space, with derivatives in all they are made of and in the camera. Time is that of the pixels
 * of all tiles of 8 by 8 that Gaussians reach into, and of looking for these in each tile; derivatives need memory for one
 * tile at a time.
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
  const reach = reachOf(seen, opacity).take(order);
  return composed(sorted, reach, camera, tensor(options.background ?? 0));
}

/** Gaussians on the picture. */
interface Projected {
  /** Middles in pixels, `[n, 2]`. */
  readonly place: Tensor;
  /** The elements xx, xy, yy of inverse covariances, `[n, 3]`. */
  readonly inverse: Tensor;
  /** Variances along x and y, `[n, 2]`. */
  readonly variance: Tensor;
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
    variance: stack([xx, yy], { axis: -1 }),
    depth: where(isSeen, z, Number.POSITIVE_INFINITY),
    isSeen,
  };
}

/** How far along x and y Gaussians are not left out, `[n, 2]`, and a little more against rounding. */
function reachOf({ variance }: Projected, opacity: Tensor): Tensor {
  const q = log(opacity.div(leastOpacity)).mul(2).maximum(0).expandDims(1);
  return stopGradient(sqrt(q.mul(variance)).mul(1.001).add(0.01));
}

/** Gaussians on the picture, from front to back. */
interface Sorted {
  readonly place: Tensor;
  readonly inverse: Tensor;
  readonly opacity: Tensor;
  readonly color: Tensor;
}

/** Lays Gaussians over each other in one tile after the other. */
function composed(
  sorted: Sorted,
  reach: Tensor,
  { width, height }: Camera,
  background: Tensor,
): SplatImage {
  const channels = sorted.color.shape[1] ?? 1;
  const size = { width: Math.min(tile, width), height: Math.min(tile, height) };
  const [rows, columns] = [Math.ceil(height / size.height), Math.ceil(width / size.width)];
  const corners = Array.from({ length: rows * columns }, (_, k) => [
    (k % columns) * size.width,
    Math.floor(k / columns) * size.height,
  ]);
  const half = tensor([size.width / 2, size.height / 2]);
  const [, tiles] = scan(
    (none: null, corner: Tensor) => {
      const away = sorted.place.sub(corner.add(half)).abs().sub(half);
      const isNear = away.le(reach).all({ axis: 1 });
      return [none, composedTile(sorted, isNear, corner, size)];
    },
    null,
    tensor(corners),
    { checkpoint: 'recompute' },
  );
  const all = tiles
    .reshape([rows, columns, channels + 1, size.height, size.width])
    .transpose([0, 3, 1, 4, 2])
    .reshape([rows * size.height, columns * size.width, channels + 1])
    .at([0, height], [0, width]);
  const through = all.at(null, null, channels);
  return {
    image: all.at(null, null, [0, channels]).add(through.expandDims(2).mul(background)),
    opacity: through.neg().add(1),
  };
}

/** What is seen of the Gaussians so far. */
interface Layers {
  /** `[channels, height, width]` */
  readonly color: Tensor;
  /** `[height, width]` */
  readonly through: Tensor;
  /** Whether more may follow, `[height, width]`. */
  readonly isOpen: Tensor;
}

/** The colors of a tile, and what it lets through as one more: `[channels + 1, height, width]`. */
function composedTile(
  sorted: Sorted,
  isNear: Tensor,
  corner: Tensor,
  { width, height }: { readonly width: number; readonly height: number },
): Tensor {
  const x = arange(width).add(0.5).add(corner.at(0)).expandDims(0);
  const y = arange(height).add(0.5).add(corner.at(1)).expandDims(1);
  const count = isNear.astype('int32').sum();
  const [near] = nonzero(isNear, { size: isNear.size });
  if (!near) throw new Error('unreachable');
  const start: Layers = {
    color: zeros([sorted.color.shape[1] ?? 1, height, width]),
    through: ones([height, width]),
    isOpen: ones([height, width]).gt(0),
  };
  const [, { color, through }] = whileLoop(
    ([k]) => k.lt(count),
    ([k, below]: readonly [Tensor, Layers]) => {
      const one = tree.map((x: Tensor) => take(x, take(near, k)), sorted);
      return [k.add(1), laid(below, one, x, y)] as const;
    },
    [tensor(0, { dtype: 'int32' }), start] as const,
    { checkpoint: 'recompute' },
  );
  return concatenate([color, through.expandDims(0)]);
}

/** The layers with one Gaussian more, at pixels with middles `x`, `[1, width]`, and `y`, `[height, 1]`. */
function laid({ color, through, isOpen }: Layers, one: Sorted, x: Tensor, y: Tensor): Layers {
  const [dx, dy] = [x.sub(one.place.at(0)), y.sub(one.place.at(1))];
  const squared = dx
    .square()
    .mul(one.inverse.at(0))
    .add(dx.mul(dy).mul(one.inverse.at(1).mul(2)))
    .add(dy.square().mul(one.inverse.at(2)));
  const alpha = exp(squared.mul(-0.5)).mul(one.opacity).minimum(0.999);
  const next = through.mul(alpha.neg().add(1));
  const counts = alpha.ge(leastOpacity);
  const isFull = where(counts, next.le(1e-4), false);
  const stays = where(isOpen, isFull.eq(false), false);
  const isAdded = where(stays, counts, false);
  const weight = where(isAdded, through.mul(alpha), 0);
  return {
    color: color.add(weight.mul(one.color.reshape([-1, 1, 1]))),
    through: where(isAdded, next, through),
    isOpen: stays,
  };
}
