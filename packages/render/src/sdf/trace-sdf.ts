// The picture of a body that is given by signed distances. Derivatives come from three places:
//
// - where a ray meets the surface: f(o + t d) = 0 says how t follows every parameter, by Newton's step from the
//   known root (two steps, so that second derivatives are right too);
// - the normal, which is the gradient of f there;
// - the outline: the smallest angle r = f(t) / t along the ray of a pixel is 0 on it, and its slopes in the pixel
//   are n . dd/dx with n the gradient of f at the nearest place. By the envelope theorem r changes as
//   if that place stood still. The share of the pixel where r < 0 is its coverage.
//
// A pixel that a body covers in part also shows what is behind: rays go on behind the first outline, once.
import {
  abs,
  broadcastTo,
  full,
  grad,
  jvp,
  logicalAnd,
  ones,
  stopGradient,
  type Tensor,
  type TensorLike,
  tensor,
  where,
} from '@grad/core';
import type { Camera } from '../camera.ts';
import { checkCount, checkOptions, knownValues } from '../check.ts';
import { pixelCoverage } from '../pixel-coverage.ts';
import { pixelVectors, type Rays } from '../rays.ts';
import { dotLast, lengthOf, normalized } from '../vectors.ts';
import { march } from './march.ts';
import type { Sdf } from './shapes.ts';

/** A place on a surface that is to be given a color. */
export interface SurfacePoint {
  /** In the world, `[n, 3]`. */
  readonly position: Tensor;
  /** Outwards, of length 1, `[n, 3]`. */
  readonly normal: Tensor;
}

/** How to look at a body. */
export interface TraceSdfOptions {
  /** Radiance `[n, channels]` of places; 1 in one channel when left out. */
  readonly shade?: (point: SurfacePoint) => Tensor;
  /** What is seen where nothing is, a number or `[channels]`; 0 when left out. */
  readonly background?: TensorLike;
  /** Distance beyond which nothing is seen; 100 when left out. */
  readonly far?: number;
  /** Steps along a ray; 400 when left out. */
  readonly maxSteps?: number;
}

/** A picture of a body. */
export interface TracedImage {
  /** Radiance, `[height, width, channels]`. */
  readonly image: Tensor;
  /** Share of each pixel that bodies cover, `[height, width]`. */
  readonly opacity: Tensor;
  /** Distance from the eye to what is in the middle of a pixel, `[height, width]`; infinite where nothing is. */
  readonly distance: Tensor;
  /** Whether rays came to an end within `maxSteps`, `[height, width]`. */
  readonly finished: Tensor;
}

/**
 * Renders a body by sphere tracing, with derivatives in everything that its distances, the camera and the colors
 * depend on: at outlines too, and of second order.
 *
 * The distances must never be longer than the true ones. What is thinner than two pixels, sheets seen from the front
 * included, is partly transparent, and of several outlines in one pixel two are seen.
 *
 * @throws RangeError when the eye is inside the body, or the options make no sense.
 * @see Hart, Sphere tracing, The Visual Computer 12 (1996); Bangaru et al., Differentiable rendering of neural SDFs
 *   through reparameterization, SIGGRAPH Asia 2022, on what derivatives at outlines are.
 */
export function traceSdf(sdf: Sdf, camera: Camera, options: TraceSdfOptions = {}): TracedImage {
  checkOptions('traceSdf', options, ['shade', 'background', 'far', 'maxSteps']);
  const { far = 100, maxSteps = 400, background = 0 } = options;
  const { shade = ({ position }) => ones([position.shape[0] ?? 0, 1]) } = options;
  checkCount('traceSdf', 'maxSteps', maxSteps);
  if (!(far > camera.near)) {
    throw new RangeError(`traceSdf: far is ${far}; it must be beyond near, ${camera.near}.`);
  }
  refuseInside(sdf, camera);
  const { width, height } = camera;
  const count = width * height;
  const vectors = pixelVectors(camera).reshape([count, 3]);
  const view: View = {
    rays: {
      origins: broadcastTo(camera.position, [count, 3]),
      directions: normalized(vectors),
    },
    slopes: [0, 1].map((k) =>
      broadcastTo(camera.rotation.at(k).div(camera.focal.at(k)), [count, 3]).div(lengthOf(vectors)),
    ),
    angle: tensor(1).div(camera.focal.min()),
    far: tensor(far),
    maxSteps,
  };
  const front = layer(sdf, view, full([count], camera.near));
  const isOpen = front.coverage.lt(1);
  const back = layer(sdf, view, stopGradient(where(isOpen, front.end, far)));
  const [seen, behind] = [front, back].map(({ point, coverage }) => ({
    color: shade(point),
    share: coverage.expandDims(-1),
  }));
  if (!seen || !behind) throw new Error('unreachable');
  const over = (share: Tensor, color: Tensor, under: Tensor): Tensor =>
    color.mul(share).add(under.mul(share.neg().add(1)));
  const image = over(seen.share, seen.color, over(behind.share, behind.color, tensor(background)));
  const picture = (x: Tensor): Tensor => x.reshape([height, width]);
  return {
    image: image.reshape([height, width, image.shape.at(-1) ?? 1]),
    opacity: picture(over(front.coverage, tensor(1), back.coverage)),
    distance: picture(where(front.hit, front.t, where(back.hit, back.t, Number.POSITIVE_INFINITY))),
    finished: picture(logicalAnd(front.finished, back.finished)),
  };
}

interface View {
  readonly rays: Rays;
  /** How directions change from pixel to pixel, along rows and columns. */
  readonly slopes: readonly Tensor[];
  readonly angle: Tensor;
  readonly far: Tensor;
  readonly maxSteps: number;
}

/** What rays see first from a start on. */
function layer(sdf: Sdf, view: View, start: Tensor) {
  const { rays, slopes, angle, far, maxSteps } = view;
  const passage = march(sdf, rays, { start, far, angle, first: true, maxSteps });
  const along = (t: Tensor): Tensor => rays.origins.add(rays.directions.mul(t.expandDims(-1)));
  const gradient = grad((points: Tensor) => sdf(points).sum());
  const nearest = stationary((t) => sdf(along(t)).div(t), passage.nearest);
  const closest = along(nearest);
  const slope = gradient(closest);
  const [x, y] = slopes.map((s) => {
    const across = s.sub(rays.directions.mul(dotLast(rays.directions, s)));
    return dotLast(slope, across).squeeze(-1);
  });
  if (!x || !y) throw new Error('unreachable');
  const isEmpty = start.ge(far);
  const coverage = where(isEmpty, 0, pixelCoverage(sdf(closest).div(nearest), x, y));
  const hit = passage.entry.lt(Number.POSITIVE_INFINITY);
  const t = where(
    hit,
    rootFrom((u) => sdf(along(u)), where(hit, passage.entry, start)),
    nearest,
  );
  const position = along(t);
  const point: SurfacePoint = { position, normal: normalized(gradient(position)) };
  return { point, coverage, hit, t, end: passage.end, finished: passage.finished };
}

/** The root near a place where f falls through 0, with its derivatives. */
function rootFrom(f: (t: Tensor) => Tensor, place: Tensor): Tensor {
  const step = (t: Tensor): Tensor => {
    const [value, slope] = jvp(f, [t], [ones(t.shape)]);
    // A ray that grazes moves without bound; below this slope its motion is held back.
    return t.sub(value.div(slope.minimum(-1e-2)));
  };
  return step(step(place));
}

/** The place near another where the slope of f is 0, with its derivatives where f is curved there. */
function stationary(f: (t: Tensor) => Tensor, place: Tensor): Tensor {
  const slope = (t: Tensor): Tensor => jvp(f, [t], [ones(t.shape)])[1];
  const [value, curvature] = jvp(slope, [place], [ones(place.shape)]);
  const bend = stopGradient(curvature);
  const isSmooth = abs(stopGradient(value)).lt(bend.mul(place).mul(1e-4));
  return place.sub(where(isSmooth, value.div(where(isSmooth, bend, 1)), 0));
}

function refuseInside(sdf: Sdf, { position }: Camera): void {
  const value = sdf(stopGradient(position).reshape([1, 3]));
  const [distance] = knownValues(value) ?? [];
  if (distance === undefined || distance > 0) return;
  const at = knownValues(position)?.map((x) => Number(x.toPrecision(4))) ?? [];
  throw new RangeError(
    `traceSdf: the eye at (${at.join(', ')}) is inside the body, at the distance ${distance.toPrecision(3)} of its surface; move the camera out.`,
  );
}
