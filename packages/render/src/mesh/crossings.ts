import { stack, type Tensor, tensor, where } from '@grad/core';
import { component } from '../vectors.ts';
import type { Edges } from './edges.ts';
import type { SurfacePoints } from './surface.ts';
import type { VisibleFaces } from './visible-faces.ts';

/** Crossings of edges with the lines of pixels, with derivatives. */
export interface Crossings {
  /** Where, in pixels (x, y), `[room, 2]`. */
  readonly places: Tensor;
  /** The row-major number of the pixel, `[room]`. */
  readonly pixel: Tensor;
  /** How much each adds to its pixel of the difference from the near to the far side, `[room]`. */
  readonly share: Tensor;
  /** Points on the edge as part of the near triangle, and of the far one where that has the edge too. */
  readonly near: SurfacePoints;
  readonly far: SurfacePoints;
  /** Where there is a crossing with something on the far side, that has not the edge. */
  readonly isBehind: Tensor;
  /** Where there is nothing on the far side. */
  readonly isOpen: Tensor;
}

/**
 * Where edges cross the lines of pixels.
 *
 * @param pixels where vertices are seen, `[n, 2]`
 * @param depth of vertices, `[n]`
 */
export function crossingsOf(
  seen: VisibleFaces,
  edges: Edges,
  { pixels, depth, width }: { pixels: Tensor; depth: Tensor; width: number },
): Crossings {
  const field = (k: number): Tensor => seen.crossings.at(null, k);
  const exists = field(0).eq(1);
  const [edge, line, place, near, far] = [field(1), field(3), field(4), field(6), field(7)];
  const isColumn = field(2).eq(1);
  const isNearBeyond = field(5).eq(1);
  const ends = [0, 1].map((k) => tensor(edges.ends.filter((_, i) => i % 2 === k)).take(edge));
  const [a, b] = ends;
  if (!a || !b) throw new Error('unreachable');
  const [p, q] = [pixels.take(a), pixels.take(b)];
  const along = (x: Tensor): Tensor => where(isColumn, component(x, 1), component(x, 0));
  const across = (x: Tensor): Tensor => where(isColumn, component(x, 0), component(x, 1));
  // Where there is none, values stand in that divide by nothing.
  const run = where(exists, along(q).sub(along(p)), 0);
  const rise = where(exists, across(q).sub(across(p)), 1);
  const middle = line.add(0.5);
  const part = where(exists, middle.sub(across(p)), 0.5).div(rise);
  const coordinate = where(exists, along(p), 0).add(part.mul(run));
  // Equal steps on the picture are equal steps of 1 / z.
  const [fromA, fromB] = [
    part
      .neg()
      .add(1)
      .div(where(exists, depth.take(a), 1)),
    part.div(where(exists, depth.take(b), 1)),
  ];
  const weight = fromB.div(fromA.add(fromB));
  const weights = stack([weight.neg().add(1), weight, weight.mul(0)], { axis: -1 });
  const corners = stack([a, b, b], { axis: -1 });
  // In the half of the pixel before its middle, what lies before the crossing is seen in place of what lies behind.
  const inside = coordinate.sub(place);
  const isBefore = inside.lt(0.5);
  const length = where(isBefore, inside.neg(), inside.neg().add(1));
  const normal = rise.square().div(rise.square().add(run.square()));
  const sign = where(isNearBeyond, -1, 1);
  const isShared = seen.isShared.eq(1);
  const isOpen = far.lt(0);
  return {
    places: stack([where(isColumn, middle, coordinate), where(isColumn, coordinate, middle)], {
      axis: -1,
    }),
    pixel: where(isColumn, place.mul(width).add(line), line.mul(width).add(place)),
    share: where(exists, length.mul(normal).mul(sign), 0),
    near: { corners, weights, face: near },
    far: { corners, weights, face: where(isOpen, 0, far) },
    isBehind: [exists, isShared.eq(false), far.ge(0)].reduce((x, y) => where(x, y, false)),
    isOpen,
  };
}
