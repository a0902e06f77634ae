import { callback, stopGradient, type Tensor, tensor } from '@grad/core';
import { type Camera, toCamera } from '../camera.ts';
import { edgesOf } from './edges.ts';
import { refuseInside } from './inside.ts';
import type { Mesh } from './mesh.ts';
import { findVisible, type Visibility } from './visibility.ts';

/** What is seen of a mesh, as int32 tensors; see `Visibility`. */
export interface VisibleFaces {
  /** The triangle in the middle of each pixel, -1 for none, `[height * width]`. */
  readonly faces: Tensor;
  /**
   * Crossings, `[room, 8]`: 1 where there is one, edge, axis, line, place, near side beyond, near and far triangle;
   * and `[room]` whether both have the edge.
   */
  readonly crossings: Tensor;
  readonly isShared: Tensor;
}

/** How to look. */
export interface VisibleOptions {
  /** Who asks, for messages. */
  readonly name: string;
  /** Whether edges inside of a surface count. */
  readonly everyEdge: boolean;
  /** How many crossings there is room for. */
  readonly room: number;
}

/**
 * Which triangles and edges a camera sees. It runs as JavaScript inside of compiled code.
 *
 * @throws RangeError, as it runs, when the eye is inside of a closed mesh, or there are more crossings than room.
 */
export function visibleFaces(
  mesh: Mesh,
  camera: Camera,
  { name, everyEdge, room }: VisibleOptions,
): VisibleFaces {
  const { faces } = mesh;
  const { width, height, near } = camera;
  const edges = edgesOf(faces);
  const search = (points: Tensor, focal: Tensor, center: Tensor): VisibleFaces => {
    const numbers = (x: Tensor): Float64Array => x.read((data) => Float64Array.from(data));
    const [fx = 1, fy = 1] = numbers(focal);
    const [cx = 0, cy = 0] = numbers(center);
    const known = numbers(points);
    if (edges.isClosed) refuseInside(name, known, faces);
    const scene = { points: known, faces, edges, width, height, near };
    const seen = findVisible({ ...scene, lens: [fx, fy, cx, cy] }, everyEdge);
    if (seen.crossings.length > room) {
      throw new RangeError(
        `${name}: seen edges cross the lines of pixels ${seen.crossings.length} times, and there is room for ${room}; give a larger maxCrossings, or a picture with more pixels for this mesh.`,
      );
    }
    return listed(seen, room);
  };
  const types = {
    faces: { shape: [height * width], dtype: 'int32' },
    crossings: { shape: [room, 8], dtype: 'int32' },
    isShared: { shape: [room], dtype: 'int32' },
  } as const;
  return callback(
    search,
    types,
    stopGradient(toCamera(mesh.vertices, camera)),
    stopGradient(camera.focal),
    stopGradient(camera.center),
  );
}

function listed({ faces, crossings }: Visibility, room: number): VisibleFaces {
  const list = new Int32Array(8 * room);
  const shared = new Int32Array(room);
  crossings.forEach((c, i) => {
    list.set([1, c.edge, c.axis, c.line, c.place, Number(c.isNearBeyond), c.near, c.far], 8 * i);
    shared[i] = Number(c.isShared);
  });
  return {
    faces: tensor(faces),
    crossings: tensor(list).reshape([room, 8]),
    isShared: tensor(shared),
  };
}
