import { ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';
import { checkOptions, knownValues } from '../check.ts';

/**
 * A surface of triangles. What is connected to what is fixed; the vertices are a tensor like any other, so
 * `{ ...mesh, vertices }` is the same surface elsewhere.
 */
export interface Mesh {
  /** Coordinates, `[n, 3]`. */
  readonly vertices: Tensor;
  /** Vertices of each triangle, three numbers for each; counter-clockwise seen from outside. */
  readonly faces: Int32Array;
}

/** What a mesh is made from. */
export interface MeshOptions {
  /** Coordinates `[n, 3]`. */
  readonly vertices: TensorLike;
  /** Vertices of each triangle, counter-clockwise seen from outside. */
  readonly faces: readonly (readonly number[])[] | Int32Array;
}

/**
 * A mesh from its vertices and triangles, checked.
 *
 * @throws ShapeError when vertices are not `[n, 3]`.
 * @throws RangeError naming the triangle that has a vertex that does not exist, or no area, and the vertex that is
 *   not finite; also when there are no triangles.
 */
export function createMesh(options: MeshOptions): Mesh {
  checkOptions('createMesh', options, ['vertices', 'faces']);
  const vertices = tensor(options.vertices, { dtype: 'float64' });
  if (vertices.ndim !== 2 || vertices.shape[1] !== 3) {
    throw new ShapeError(
      `createMesh: vertices have shape [${vertices.shape.join(', ')}]; [n, 3] is needed.`,
    );
  }
  const faces = flattened(options.faces);
  const count = vertices.shape[0] ?? 0;
  for (let face = 0; face < faces.length / 3; face++) {
    const corners = faces.subarray(3 * face, 3 * face + 3);
    const bad = corners.find((v) => v < 0 || v >= count);
    if (bad !== undefined) {
      throw new RangeError(
        `createMesh: triangle ${face} (${corners.join(', ')}) has vertex ${bad}; vertices are numbered 0 to ${count - 1}.`,
      );
    }
  }
  const known = knownValues(vertices);
  if (known) checkAreas(known, faces);
  return { vertices, faces };
}

function flattened(faces: MeshOptions['faces']): Int32Array {
  if (faces.length === 0)
    throw new RangeError('createMesh: there are no triangles; give one or more.');
  if (faces instanceof Int32Array) {
    if (faces.length % 3 === 0) return faces;
    throw new RangeError(
      `createMesh: there are ${faces.length} numbers in faces; each triangle has 3 vertices.`,
    );
  }
  faces.forEach((face, i) => {
    if (face.length === 3 && face.every(Number.isInteger)) return;
    throw new RangeError(
      `createMesh: triangle ${i} is [${face.join(', ')}]; three vertex numbers are needed.`,
    );
  });
  return Int32Array.from(faces.flat());
}

/** A triangle is degenerate when its height is below a share of 1e-12 of its longest side. */
function checkAreas(xyz: readonly number[], faces: Int32Array): void {
  const bad = xyz.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) {
    throw new RangeError(
      `createMesh: coordinate ${bad % 3} of vertex ${Math.floor(bad / 3)} is ${xyz[bad]}; vertices are finite.`,
    );
  }
  for (let face = 0; face < faces.length / 3; face++) {
    const corners = faces.subarray(3 * face, 3 * face + 3);
    const [a, b, c] = Array.from(corners, (v) => xyz.slice(3 * v, 3 * v + 3));
    if (!a || !b || !c) throw new Error('unreachable');
    const [u, v, w] = [difference(b, a), difference(c, a), difference(c, b)];
    const longest = Math.max(...[u, v, w].map((side) => Math.hypot(...side)));
    if (Math.hypot(...crossOf(u, v)) > 1e-12 * longest * longest) continue;
    throw new RangeError(
      `createMesh: triangle ${face} (${corners.join(', ')}) is degenerate: it has no area. Leave it out or mend it.`,
    );
  }
}

type Vector = readonly [number, number, number];

function difference([a = 0, b = 0, c = 0]: readonly number[], from: readonly number[]): Vector {
  const [x = 0, y = 0, z = 0] = from;
  return [a - x, b - y, c - z];
}

function crossOf([a, b, c]: Vector, [x, y, z]: Vector): Vector {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}
