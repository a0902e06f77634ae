// What a camera sees of a mesh: which triangle is in the middle of each pixel, and where seen edges cross the lines
// through the middles of pixels, along rows and along columns. Both are lists of whole numbers, so they have no
// derivatives and are found in plain JavaScript; everything that has derivatives is computed from them by tensor
// operations.
//
// A point of the picture is in a triangle a, b, c (in the camera's frame) when its view vector v has the same sign in
// v . (b x c), v . (c x a) and v . (a x b). The three numbers are also what the depth follows from, and triangles that
// share an edge get exactly opposite numbers for it, so that no gaps open. Nothing has to be cut at the
// near plane.
import { at } from '../at.ts';
import type { Edges } from './edges.ts';

/** A mesh in the frame of a camera, and the camera's numbers. */
export interface Scene {
  /** Coordinates of vertices, three for each. */
  readonly points: Float64Array;
  readonly faces: Int32Array;
  readonly edges: Edges;
  readonly width: number;
  readonly height: number;
  readonly near: number;
  /** Focal lengths and center: fx, fy, cx, cy. */
  readonly lens: readonly [number, number, number, number];
}

/** A place where a seen edge crosses a line through middles of pixels. */
export interface Crossing {
  readonly edge: number;
  /** 0 on a row, 1 on a column. */
  readonly axis: 0 | 1;
  /** The row or column. */
  readonly line: number;
  /** The pixel along it. */
  readonly place: number;
  /** Whether the near side is the one of larger coordinates. */
  readonly isNearBeyond: boolean;
  /** The triangle on the near side, which the edge belongs to. */
  readonly near: number;
  /** The triangle on the other side, -1 for none. */
  readonly far: number;
  /** Whether that one has the edge too. */
  readonly isShared: boolean;
}

/** What is seen. */
export interface Visibility {
  /** The triangle in the middle of each pixel, -1 for none, `height * width`. */
  readonly faces: Int32Array;
  readonly crossings: readonly Crossing[];
}

/**
 * Finds what is seen.
 *
 * @param everyEdge whether edges between triangles of one surface count too, not only outlines
 */
export function findVisible(scene: Scene, everyEdge: boolean): Visibility {
  const { width, height } = scene;
  const planes = planesOf(scene);
  const faces = new Int32Array(width * height).fill(-1);
  const depths = new Float64Array(width * height).fill(Number.POSITIVE_INFINITY);
  const boxes = boxesOf(scene);
  const [fx, fy, cx, cy] = scene.lens;
  for (let face = 0; face < scene.faces.length / 3; face++) {
    const [left, right] = [at(boxes, 4 * face), at(boxes, 4 * face + 1)];
    for (let row = at(boxes, 4 * face + 2); row <= at(boxes, 4 * face + 3); row++) {
      const y = (row + 0.5 - cy) / fy;
      for (let column = left; column <= right; column++) {
        const depth = depthAt(planes, face, (column + 0.5 - cx) / fx, y);
        const pixel = row * width + column;
        if (!(depth >= scene.near && depth < at(depths, pixel))) continue;
        depths[pixel] = depth;
        faces[pixel] = face;
      }
    }
  }
  const crossings = findCrossings({ ...scene, planes, tiles: tilesOf(scene, boxes) }, everyEdge);
  return { faces, crossings };
}

/** For each triangle b x c, c x a, a x b and the determinant of a, b, c. */
function planesOf({ points, faces }: Scene): Float64Array {
  const planes = new Float64Array((faces.length / 3) * 10);
  for (let face = 0; face < faces.length / 3; face++) {
    const first = 10 * face;
    for (let k = 0; k < 3; k++) {
      const b = 3 * at(faces, 3 * face + ((k + 1) % 3));
      const c = 3 * at(faces, 3 * face + ((k + 2) % 3));
      const [bx, by, bz] = [at(points, b), at(points, b + 1), at(points, b + 2)];
      const [cx, cy, cz] = [at(points, c), at(points, c + 1), at(points, c + 2)];
      planes[first + 3 * k] = by * cz - bz * cy;
      planes[first + 3 * k + 1] = bz * cx - bx * cz;
      planes[first + 3 * k + 2] = bx * cy - by * cx;
    }
    const a = 3 * at(faces, 3 * face);
    planes[first + 9] =
      at(points, a) * at(planes, first) +
      at(points, a + 1) * at(planes, first + 1) +
      at(points, a + 2) * at(planes, first + 2);
  }
  return planes;
}

/** Depth of a triangle in the direction (x, y, 1); NaN beside it. */
function depthAt(planes: Float64Array, face: number, x: number, y: number): number {
  const k = 10 * face;
  const u = x * at(planes, k) + y * at(planes, k + 1) + at(planes, k + 2);
  const v = x * at(planes, k + 3) + y * at(planes, k + 4) + at(planes, k + 5);
  const w = x * at(planes, k + 6) + y * at(planes, k + 7) + at(planes, k + 8);
  const isInside = (u >= 0 && v >= 0 && w >= 0) || (u <= 0 && v <= 0 && w <= 0);
  return isInside ? at(planes, k + 9) / (u + v + w) : Number.NaN;
}

/** Pixels that triangles may be seen in: first and last column, first and last row of each. */
function boxesOf({
  points,
  faces,
  width,
  height,
  near,
  lens: [fx, fy, cx, cy],
}: Scene): Int32Array {
  const boxes = new Int32Array((faces.length / 3) * 4);
  for (let face = 0; face < faces.length / 3; face++) {
    let [left, right, top, bottom] = [width, -1, height, -1];
    let [before, beyond] = [0, 0];
    for (let k = 0; k < 3; k++) {
      const v = 3 * at(faces, 3 * face + k);
      const z = at(points, v + 2);
      if (z < near) before++;
      else beyond++;
      const x = (at(points, v) / z) * fx + cx;
      const y = (at(points, v + 1) / z) * fy + cy;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
    if (beyond === 0) boxes.set([0, -1, 0, -1], 4 * face);
    else if (before > 0) boxes.set([0, width - 1, 0, height - 1], 4 * face);
    else {
      boxes.set(
        [
          Math.max(0, Math.floor(left - 0.5)),
          Math.min(width - 1, Math.ceil(right - 0.5)),
          Math.max(0, Math.floor(top - 0.5)),
          Math.min(height - 1, Math.ceil(bottom - 0.5)),
        ],
        4 * face,
      );
    }
  }
  return boxes;
}

const tile = 4;

/** Triangles by squares of pixels: where the list of each square begins, and the lists. */
interface Tiles {
  readonly starts: Int32Array;
  readonly list: Int32Array;
  readonly columns: number;
}

function tilesOf({ width, height }: Scene, boxes: Int32Array): Tiles {
  const columns = Math.ceil(width / tile);
  const starts = new Int32Array(columns * Math.ceil(height / tile) + 1);
  const each = (visit: (square: number, face: number) => void): void => {
    for (let face = 0; face < boxes.length / 4; face++) {
      const [left = 0, right = 0, top = 0, bottom = 0] = boxes.subarray(4 * face, 4 * face + 4);
      if (right < left || bottom < top) continue;
      for (let row = Math.floor(top / tile); row <= Math.floor(bottom / tile); row++) {
        for (let c = Math.floor(left / tile); c <= Math.floor(right / tile); c++) {
          visit(row * columns + c, face);
        }
      }
    }
  };
  each((square) => {
    starts[square + 1] = at(starts, square + 1) + 1;
  });
  for (let i = 1; i < starts.length; i++) starts[i] = at(starts, i) + at(starts, i - 1);
  const next = starts.slice();
  const list = new Int32Array(at(starts, starts.length - 1));
  each((square, face) => {
    list[at(next, square)] = face;
    next[square] = at(next, square) + 1;
  });
  return { starts, list, columns };
}

interface Search extends Scene {
  readonly planes: Float64Array;
  readonly tiles: Tiles;
}

/** Goes along each edge that may be seen, over the lines that it crosses. */
function findCrossings(search: Search, everyEdge: boolean): Crossing[] {
  const { points, edges, near, width, height, lens } = search;
  const [fx, fy, cx, cy] = lens;
  const place = (vertex: number): readonly [number, number, number] => {
    const z = at(points, 3 * vertex + 2);
    return [(at(points, 3 * vertex) / z) * fx + cx, (at(points, 3 * vertex + 1) / z) * fy + cy, z];
  };
  const found: Crossing[] = [];
  for (let edge = 0; edge < edges.ends.length / 2; edge++) {
    const [a, b] = [place(at(edges.ends, 2 * edge)), place(at(edges.ends, 2 * edge + 1))];
    if (a[2] < near || b[2] < near) continue;
    // On which side of the edge the third vertices of its triangles lie.
    const side = (k: number): number => {
      const third = at(edges.opposite, 2 * edge + k);
      if (third < 0) return 0;
      const [x, y, z] = place(third);
      const turn = (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
      // Behind the eye a projection is mirrored.
      return z > 0 ? Math.sign(turn) : -Math.sign(turn);
    };
    const [first, second] = [side(0), side(1)];
    const isOutline = second === 0 || first === second;
    if (first === 0 || (!isOutline && !everyEdge)) continue;
    for (const axis of [0, 1] as const) {
      const [along, across] = [axis, 1 - axis] as const;
      const [from, to] = [at(a, across), at(b, across)];
      // The near side is that of larger coordinates where a turn to it and one to the third vertex agree.
      const isNearBeyond = first * (axis === 0 ? from - to : to - from) > 0;
      const lines = middlesBetween(from, to, axis === 0 ? height : width);
      for (let line = lines.from; line <= lines.to; line++) {
        const share = (line + 0.5 - from) / (to - from);
        const coordinate = at(a, along) + share * (at(b, along) - at(a, along));
        const pixel = Math.floor(coordinate);
        if (!(pixel >= 0 && pixel < (axis === 0 ? width : height))) continue;
        const depth = 1 / ((1 - share) / a[2] + share / b[2]);
        const point = axis === 0 ? [coordinate, line + 0.5] : [line + 0.5, coordinate];
        const behind = faceBehind(search, edge, at(point, 0), at(point, 1), depth);
        if (behind === undefined) continue;
        const inward = isNearBeyond ? 1e-4 : -1e-4;
        const sides = isOutline
          ? { near: nearer(search, edge, point, axis, inward), far: behind, isShared: false }
          : {
              near: at(edges.faces, 2 * edge),
              far: at(edges.faces, 2 * edge + 1),
              isShared: true,
            };
        found.push({ edge, axis, line, place: pixel, isNearBeyond, ...sides });
      }
    }
  }
  return found;
}

/** Lines of pixel middles from one coordinate up to, but without, the other. */
function middlesBetween(a: number, b: number, count: number): { from: number; to: number } {
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  return {
    from: Math.max(0, Math.ceil(low - 0.5)),
    to: Math.min(count - 1, Math.ceil(high - 0.5) - 1),
  };
}

/** The triangle that is seen behind a point of an edge, -1 for none; undefined where one lies before it. */
function faceBehind(
  { edges, planes, tiles, near, width, height, lens: [fx, fy, cx, cy] }: Search,
  edge: number,
  x: number,
  y: number,
  depth: number,
): number | undefined {
  const square =
    Math.floor(Math.min(y, height - 0.5) / tile) * tiles.columns +
    Math.floor(Math.min(x, width - 0.5) / tile);
  let [behind, closest] = [-1, Number.POSITIVE_INFINITY];
  for (let i = at(tiles.starts, square); i < at(tiles.starts, square + 1); i++) {
    const face = at(tiles.list, i);
    if (face === at(edges.faces, 2 * edge) || face === at(edges.faces, 2 * edge + 1)) continue;
    const other = depthAt(planes, face, (x - cx) / fx, (y - cy) / fy);
    if (!(other >= near)) continue;
    if (other < depth * (1 - 1e-9)) return undefined;
    if (other < closest) [behind, closest] = [face, other];
  }
  return behind;
}

/** Of the triangles of an edge that lie on one side of it the one before the other. */
function nearer(
  { edges, planes, lens: [fx, fy, cx, cy] }: Search,
  edge: number,
  [x = 0, y = 0]: readonly number[],
  axis: 0 | 1,
  inward: number,
): number {
  const [one, two] = [at(edges.faces, 2 * edge), at(edges.faces, 2 * edge + 1)];
  if (two < 0) return one;
  const u = (x + (axis === 0 ? inward : 0) - cx) / fx;
  const v = (y + (axis === 1 ? inward : 0) - cy) / fy;
  const depth = (face: number): number => {
    const sum = (k: number): number =>
      at(planes, 10 * face + k) + at(planes, 10 * face + 3 + k) + at(planes, 10 * face + 6 + k);
    return at(planes, 10 * face + 9) / (u * sum(0) + v * sum(1) + sum(2));
  };
  return depth(two) < depth(one) ? two : one;
}
