// A picture in which every triangle has soft edges, so that each pixel knows of triangles beside it and behind others.
// Where an edge crosses the line through the middles of a row of pixels at x_e, the share of a triangle beyond it jumps
// by 1 or -1. The jump is made soft for the part n_x^2 of the edge's normal, and along columns for the part n_y^2:
//
//   D_j = [inside of j] + sum_e +-n_x^2 K((x - x_e) / s) + sum_e +-n_y^2 K((y - y_e) / s),   K(u) = sigmoid(u) - [u > 0],
//
// with the softness s. With the depth z_j, the color is the mean of those of triangles by the weights
// D_j exp(-(z_j - z_min) / (gamma z_j)), and a body covers the share min(1, sum D_j). Liu et al. take sigmoids of
// distances to triangles and 1 - prod (1 - D_j), which leaves seams between triangles and counts thin ones too
// much. Here triangles with a common edge add up to their union exactly and K is odd, so that an outline keeps its
// place: sums over the picture are the midpoint rule for the area, for any softness. The front and the back of a
// body share its outline; the larger of their sums counts.
import {
  arange,
  checkpoint,
  exp,
  map,
  max,
  ones,
  sigmoid,
  type Tensor,
  type TensorLike,
  tensor,
  where,
} from '@grad/core';
import { type Camera, project } from '../camera.ts';
import { checkOptions, checkShape, checkValues } from '../check.ts';
import { component } from '../vectors.ts';
import type { Mesh } from './mesh.ts';

/** How to look at a mesh softly. */
export interface SoftRasterizeOptions {
  /** Radiance of triangles, `[faces, channels]`; 1 in one channel when left out. */
  readonly colors?: TensorLike;
  /** What is seen where nothing is, a number or `[channels]`; 0 when left out. */
  readonly background?: TensorLike;
  /** Width of edges in pixels; 0.5 when left out. */
  readonly softness?: TensorLike;
  /** How much nearer something must be to hide what is behind it, as a share of its distance; 0.01 when left out. */
  readonly gamma?: TensorLike;
}

/** A soft picture of a mesh. */
export interface SoftImage {
  /** Radiance, `[height, width, channels]`. */
  readonly image: Tensor;
  /** How much of each pixel the mesh covers, `[height, width]`. */
  readonly opacity: Tensor;
}

/**
 * Renders a mesh with soft edges. Every pixel meets every triangle, which takes time in proportion to both; memory is
 * that of one row of pixels and all triangles. Triangles with a vertex before `near` are left out. As depth decides
 * without regard to shares, what is near has a seam of its color around it, which narrows with the softness.
 *
 * @throws ShapeError when the colors are not one row for each triangle.
 * @throws RangeError when the softness or gamma is not above 0.
 * @see Liu, Li, Chen and Li, Soft Rasterizer, ICCV 2019, on the weights.
 */
export function softRasterize(
  mesh: Mesh,
  camera: Camera,
  options: SoftRasterizeOptions = {},
): SoftImage {
  checkOptions('softRasterize', options, ['colors', 'background', 'softness', 'gamma']);
  const count = mesh.faces.length / 3;
  const colors = tensor(options.colors ?? ones([count, 1]));
  checkShape('softRasterize', 'colors', colors, [count, 'channels']);
  const [softness, gamma] = [tensor(options.softness ?? 0.5), tensor(options.gamma ?? 0.01)];
  checkValues('softRasterize', 'softness', softness, 'it must be above 0', (x) => x > 0);
  checkValues('softRasterize', 'gamma', gamma, 'it must be above 0', (x) => x > 0);
  const seen = seenTriangles(mesh, camera);
  const x = arange(camera.width).add(0.5).expandDims(1);
  const row = checkpoint((number: Tensor) => {
    const y = number.add(0.5).reshape([1, 1]);
    const covered = shareAlong(seen, 'x', x, y, softness).add(
      shareAlong(seen, 'y', y, x, softness),
    );
    const share = covered.maximum(0);
    const facing = [1, -1].map((turn) => where(seen.turn.eq(turn), covered, 0).sum({ axis: 1 }));
    const opacity = facing.reduce((front, back) => front.maximum(back)).minimum(1);
    const nearness = nearnessAt(seen, x, y);
    const best = max(where(share.gt(1e-6), nearness, 0), { axis: 1, keepdims: true });
    const safe = where(best.gt(0), best, 1);
    const weight = share.mul(exp(nearness.div(safe).sub(1).minimum(0).div(gamma)));
    const total = weight.sum({ axis: 1, keepdims: true });
    const color = weight.div(where(total.gt(0), total, 1)).matmul(colors);
    const clear = opacity.neg().add(1).expandDims(1);
    const image = color.mul(opacity.expandDims(1)).add(clear.mul(tensor(options.background ?? 0)));
    return { image, opacity };
  });
  return map(row, arange(camera.height).astype('float64'));
}

/** Triangles on the picture; each tensor is `[faces]`. */
interface SeenTriangles {
  /** Coordinates of the three corners, in pixels. */
  readonly x: readonly Tensor[];
  readonly y: readonly Tensor[];
  /** 1 / z of the three corners. */
  readonly nearness: readonly Tensor[];
  /** 1 where corners go clockwise on the picture, -1 where they go the other way, 0 where they are not seen. */
  readonly turn: Tensor;
  /** Twice the area, with the sign of `turn`; 1 where they are not seen. */
  readonly area: Tensor;
}

function seenTriangles(mesh: Mesh, camera: Camera): SeenTriangles {
  const { pixels, depth } = project(mesh.vertices, camera);
  const index = [0, 1, 2].map((k) => tensor(mesh.faces.filter((_, i) => i % 3 === k)));
  const isBeyond = index
    .map((corner) => depth.take(corner).ge(camera.near))
    .reduce((a, b) => where(a, b, false));
  const coordinate = (k: number): Tensor[] =>
    index.map((corner) => where(isBeyond, component(pixels.take(corner), k), 0));
  const [x, y] = [coordinate(0), coordinate(1)];
  const turned = sidesOf(x, y, x[2] ?? tensor(0), y[2] ?? tensor(0))[0] ?? tensor(0);
  const isSeen = where(isBeyond, turned.ne(0), false);
  return {
    x,
    y,
    nearness: index.map((corner) => tensor(1).div(where(isBeyond, depth.take(corner), 1))),
    turn: where(isSeen, where(turned.gt(0), 1, -1), 0),
    area: where(isSeen, turned, 1),
  };
}

/** For the edges 01, 12 and 20 twice the areas that they span with a point. */
function sidesOf(x: readonly Tensor[], y: readonly Tensor[], px: Tensor, py: Tensor): Tensor[] {
  return edgesOf(x, y).map(([ax, ay, bx, by]) =>
    bx
      .sub(ax)
      .mul(py.sub(ay))
      .sub(by.sub(ay).mul(px.sub(ax))),
  );
}

function edgesOf(x: readonly Tensor[], y: readonly Tensor[]): [Tensor, Tensor, Tensor, Tensor][] {
  return [0, 1, 2].map((k) => {
    const next = (k + 1) % 3;
    const [ax, ay, bx, by] = [x[k], y[k], x[next], y[next]];
    if (!ax || !ay || !bx || !by) throw new Error('unreachable');
    return [ax, ay, bx, by];
  });
}

/**
 * What crossings of edges with lines give to shares: with rows the triangles themselves and the softness across columns,
 * with columns the softness across rows.
 */
function shareAlong(
  seen: SeenTriangles,
  direction: 'x' | 'y',
  place: Tensor,
  line: Tensor,
  softness: Tensor,
): Tensor {
  const isRow = direction === 'x';
  const [along, across] = isRow ? [seen.x, seen.y] : [seen.y, seen.x];
  const shares = edgesOf(along, across).map(([a, from, b, to]) => {
    const isBelow = from.le(line);
    const isCrossed = isBelow.ne(to.le(line));
    const rise = where(isCrossed, to.sub(from), 1);
    const run = b.sub(a);
    const beyond = place.sub(a.add(line.sub(from).div(rise).mul(run)));
    const part = rise.square().div(rise.square().add(run.square()));
    const hard = where(beyond.gt(0), 1, 0);
    const soft = sigmoid(beyond.div(softness)).sub(hard).mul(part);
    const jump = isRow ? soft.add(hard) : soft;
    return where(isCrossed, where(isBelow, jump.neg(), jump), 0);
  });
  const sum = shares.reduce((total, share) => total.add(share));
  return sum.mul(isRow ? seen.turn : seen.turn.neg());
}

/** 1 / z of the planes of triangles, no farther and no nearer than their corners. */
function nearnessAt({ x, y, nearness, area }: SeenTriangles, px: Tensor, py: Tensor): Tensor {
  const [ab, bc, ca] = sidesOf(x, y, px, py);
  const [a, b, c] = nearness;
  if (!ab || !bc || !ca || !a || !b || !c) throw new Error('unreachable');
  const plane = bc.mul(a).add(ca.mul(b)).add(ab.mul(c)).div(area);
  const [low, high] = [a.minimum(b).minimum(c), a.maximum(b).maximum(c)];
  return plane.maximum(low).minimum(high);
}
