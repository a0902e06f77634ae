// The picture of a mesh, with derivatives that are right at outlines. In the middle of each pixel stands the color of
// the triangle that is seen there; it follows vertices, camera and lights by the point where the pixel's ray meets
// that triangle. A pixel shows the mean along the line through its middle: where a seen edge crosses that line
// at x between the ends l and r of the pixel, with the colors A before and B behind it, the pixel is changed by
//
//   (r - x) (B - A)   for x beyond the middle,      (x - l) (A - B)   for x before it,
//
// so that it changes by (A - B) dx as the edge moves, as many edges as there may be. Lines are rows and columns; of a
// piece of an edge with the normal n the rows count n_x^2 and the columns n_y^2, which add up to 1. The sum over
// lines is a midpoint rule for the boundary integral in
//
//   d/dp integral of I dA = integral of dI/dp dA + integral over edges of (I_in - I_out) (dx/dp . n) dl,
//
// whose mean over all places of the pixels is that integral. And the picture is one function, whose
// derivatives of all orders are those of what it shows.
import {
  broadcastTo,
  concatenate,
  eye,
  mean,
  ones,
  scatter,
  stack,
  type Tensor,
  type TensorLike,
  tensor,
  where,
} from '@grad/core';
import { type Camera, project } from '../camera.ts';
import { checkCount, checkOptions, checkShape } from '../check.ts';
import { pixelVectors } from '../rays.ts';
import { component } from '../vectors.ts';
import { crossingsOf } from './crossings.ts';
import { edgesOf } from './edges.ts';
import type { Mesh } from './mesh.ts';
import { meetingPoints, type Surface, type SurfacePoints, surfaceAt } from './surface.ts';
import { visibleFaces } from './visible-faces.ts';

/** How to look at a mesh. */
export interface RasterizeOptions {
  /** Radiance `[n, channels]` of places of the surface; 1 in one channel when left out. */
  readonly shade?: (surface: Surface) => Tensor;
  /** What is seen where nothing is: a number, `[channels]`, or a picture; 0 when left out. */
  readonly background?: TensorLike;
  /** Normals of triangles, or those of vertices between them (smooth); smooth when left out. */
  readonly normals?: 'smooth' | 'flat';
  /** Each pixel is the mean of so many by so many; 1 when left out. */
  readonly samples?: number;
  /**
   * How often seen edges may cross rows and columns of pixels (of samples); when left out 8 times width and height
   * together, or 32 times with flat normals.
   */
  readonly maxCrossings?: number;
}

/** A picture of a mesh. */
export interface RasterImage {
  /** Radiance, `[height, width, channels]`. */
  readonly image: Tensor;
  /** Share of each pixel that the mesh covers, `[height, width]`. */
  readonly opacity: Tensor;
  /**
   * Depth along z in the middle of each pixel or of its samples, `[samples height, samples width]`; infinite where
   * nothing is.
   */
  readonly depth: Tensor;
  /** The triangle there, int32 of the same shape; -1 for none. */
  readonly faces: Tensor;
}

const known = ['shade', 'background', 'normals', 'samples', 'maxCrossings'];

/**
 * Renders a mesh, with derivatives in vertices, camera and all that colors depend on, at outlines too. Colors may
 * jump at outlines, at borders, and with `normals: 'flat'` at every edge.
 *
 * Shares of pixels at outlines are good to about an eighth, and may leave [0, 1] at sharp corners. Sums over the picture
 * and their derivatives have errors of about a pixel for each sharp corner, which are 0 in the mean over shifts
 * of the pixels and fall with `samples`.
 *
 * @throws RangeError when `samples` is not a whole number above 0, or, as it runs, when the eye is inside of a
 *   closed mesh or `maxCrossings` is too low.
 * @see Li, Aittala, Durand and Lehtinen, Differentiable Monte Carlo ray tracing through edge sampling, SIGGRAPH Asia
 *   2018, on the integral; Laine et al., Modular primitives for high-performance differentiable rendering,
 *   SIGGRAPH Asia 2020, on blending along rows and columns.
 */
export function rasterize(mesh: Mesh, camera: Camera, options: RasterizeOptions = {}): RasterImage {
  checkOptions('rasterize', options, known);
  const { samples = 1, normals = 'smooth', background = 0 } = options;
  const { shade = ({ position }: Surface) => ones([position.shape[0] ?? 0, 1]) } = options;
  checkCount('rasterize', 'samples', samples);
  const fine = refined(camera, samples);
  const isFlat = normals === 'flat';
  const { width, height } = fine;
  const { maxCrossings: room = (isFlat ? 32 : 8) * (width + height) } = options;
  checkCount('rasterize', 'maxCrossings', room);
  const seen = visibleFaces(mesh, fine, { name: 'rasterize', everyEdge: isFlat, room });
  const places = project(mesh.vertices, fine);
  const crossings = crossingsOf(seen, edgesOf(mesh.faces), { ...places, width });

  const isHit = seen.faces.ge(0);
  const views = pixelVectors({ ...fine, rotation: eye(3) }).reshape([width * height, 3]);
  const face = where(isHit, seen.faces, 0);
  const middles = meetingPoints(mesh, fine, { views, face, exists: isHit });
  const behind = meetingPoints(mesh, fine, {
    views: viewsOf(crossings.places, fine),
    face: crossings.far.face,
    exists: crossings.isBehind,
  });
  const far = chosen(crossings.isBehind, behind, crossings.far);
  const points = joined([middles, crossings.near, far]);
  const color = shade(surfaceAt(mesh, fine.position, points, isFlat));
  const channels = color.shape.at(-1) ?? 1;
  const count = width * height;
  const clear = backgroundOf(tensor(background), samples, [height, width, channels]);
  const masked = (colors: Tensor, isOpen: Tensor, instead: Tensor): Tensor =>
    withMask(where(isOpen.expandDims(-1), instead, colors), where(isOpen, 0, 1).expandDims(-1));
  const part = (from: number, length: number): Tensor => color.at([from, from + length]);
  const picture = masked(part(0, count), isHit.eq(false), clear);
  const inner = withMask(part(count, room), ones([room, 1]));
  const outer = masked(part(count + room, room), crossings.isOpen, clear.take(crossings.pixel));
  const changes = crossings.share.expandDims(-1).mul(outer.sub(inner));
  const blended = scatter(picture, crossings.pixel, changes, { mode: 'add' });
  const shown = averaged(blended.reshape([height, width, channels + 1]), samples);
  const grid = (x: Tensor): Tensor => x.reshape([height, width]);
  return {
    image: shown.at(null, null, [0, channels]),
    opacity: shown.at(null, null, channels),
    depth: grid(where(isHit, middles.depth, Number.POSITIVE_INFINITY)),
    faces: grid(seen.faces),
  };
}

/** Colors with one more channel, which says where there is something. */
function withMask(colors: Tensor, mask: Tensor): Tensor {
  return concatenate([colors, mask], { axis: -1 });
}

/** Vectors with depth 1 in the frame of a camera to points of the picture, `[n, 2]`. */
function viewsOf(places: Tensor, { focal, center }: Camera): Tensor {
  const flat = places.sub(center).div(focal);
  const x = component(flat, 0);
  return stack([x, component(flat, 1), ones(x.shape)], { axis: -1 });
}

function joined(parts: readonly SurfacePoints[]): SurfacePoints {
  return {
    corners: concatenate(parts.map(({ corners }) => corners)),
    weights: concatenate(parts.map(({ weights }) => weights)),
    face: concatenate(parts.map(({ face }) => face)),
  };
}

function chosen(is: Tensor, a: SurfacePoints, b: SurfacePoints): SurfacePoints {
  const each = is.expandDims(-1);
  return {
    corners: where(each, a.corners, b.corners),
    weights: where(each, a.weights, b.weights),
    face: where(is, a.face, b.face),
  };
}

/** The same view with more pixels. */
function refined(camera: Camera, samples: number): Camera {
  return {
    ...camera,
    focal: camera.focal.mul(samples),
    center: camera.center.mul(samples),
    width: camera.width * samples,
    height: camera.height * samples,
  };
}

/** The background of every sample, `[height * width, channels]`. */
function backgroundOf(
  x: Tensor,
  samples: number,
  [height, width, channels]: readonly [number, number, number],
): Tensor {
  const flat = [height * width, channels];
  if (x.ndim < 2) return broadcastTo(x, flat);
  const [rows, columns] = [height / samples, width / samples];
  checkShape('rasterize', 'the background', x, [rows, columns, channels]);
  const shape = [rows, samples, columns, samples, channels];
  return broadcastTo(x.reshape([rows, 1, columns, 1, channels]), shape).reshape(flat);
}

/** Means over squares of pixels. */
function averaged(x: Tensor, samples: number): Tensor {
  if (samples === 1) return x;
  const [height = 0, width = 0, channels = 1] = x.shape;
  const [rows, columns] = [height / samples, width / samples];
  return mean(x.reshape([rows, samples, columns, samples, channels]), { axis: [1, 3] });
}
