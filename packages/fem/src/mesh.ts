import { isConcrete, ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';
import { at } from './at.ts';
import type { ElementName } from './elements/element.ts';
import { elementKinds } from './elements/index.ts';

/** Named parts of the boundary: pairs of vertex numbers, two for each edge. */
export type Boundary = Readonly<Record<string, Int32Array>>;

/**
 * A mesh of one kind of elements in the plane. What is connected to what is fixed; the vertices are a
 * tensor like any other, so `{ ...mesh, vertices }` is the same mesh elsewhere.
 */
export interface Mesh {
  /** The kind of all elements. */
  readonly element: ElementName;
  /** Coordinates, float64 of shape `[n, 2]`. */
  readonly vertices: Tensor;
  /** Vertices of each element, counter-clockwise: 3 or 4 numbers for each. */
  readonly elements: Int32Array;
  /** Named parts of the boundary. */
  readonly boundary: Boundary;
  /** Named groups of elements, by their numbers. */
  readonly regions: Readonly<Record<string, Int32Array>>;
}

/** What a mesh is made from. */
export interface MeshOptions {
  /** The kind of all elements. */
  readonly element: ElementName;
  /** Coordinates `[n, 2]`. */
  readonly vertices: TensorLike;
  /** Vertices of each element, counter-clockwise. */
  readonly elements: readonly (readonly number[])[] | Int32Array;
  /** Named parts of the boundary: pairs of vertex numbers. */
  readonly boundary?: Readonly<Record<string, readonly (readonly number[])[] | Int32Array>>;
  /** Named groups of elements, by their numbers. */
  readonly regions?: Readonly<Record<string, readonly number[] | Int32Array>>;
}

/**
 * A mesh from its vertices and elements, checked.
 *
 * @throws ShapeError when vertices are no pairs; RangeError naming the element that has a vertex that
 * does not exist, or twice the same, or is not counter-clockwise, and the vertex that is in no element.
 */
export function createMesh(options: MeshOptions): Mesh {
  const kind = elementKinds[options.element];
  if (kind === undefined) {
    const names = Object.keys(elementKinds).join(', ');
    throw new TypeError(
      `createMesh: there is no element '${String(options.element)}'; there are ${names}.`,
    );
  }
  const vertices = tensor(options.vertices, { dtype: 'float64' });
  if (vertices.ndim !== 2 || vertices.shape[1] !== 2) {
    throw new ShapeError(
      `createMesh: vertices have shape [${vertices.shape.join(', ')}]; [n, 2] is needed.`,
    );
  }
  const size = kind.nodes.length;
  const elements = flat('element', options.elements, size);
  const boundary: Record<string, Int32Array> = {};
  const count = vertices.shape[0] ?? 0;
  for (const [name, edges] of Object.entries(options.boundary ?? {})) {
    boundary[name] = flat(`edge of '${name}'`, edges, 2);
    checkVertices(`edge of '${name}'`, boundary[name], 2, count);
  }
  const regions: Record<string, Int32Array> = {};
  for (const [name, numbers] of Object.entries(options.regions ?? {})) {
    regions[name] = Int32Array.from(numbers);
    for (const e of regions[name]) {
      if (e >= 0 && e < elements.length / size) continue;
      throw new RangeError(
        `createMesh: the region '${name}' has element ${e}; there are ${elements.length / size}.`,
      );
    }
  }
  checkVertices('element', elements, size, count);
  checkUse(elements, count);
  const mesh = { element: options.element, vertices, elements, boundary, regions };
  checkOrientation('createMesh', mesh);
  return mesh;
}

/** Number of elements of a mesh. */
export function elementCount({ element, elements }: Mesh): number {
  return elements.length / elementKinds[element].nodes.length;
}

/**
 * Refuses a mesh with an element that is inverted or degenerate at a corner, where vertices are known.
 *
 * @throws RangeError naming the element.
 */
export function checkOrientation(name: string, { element, vertices, elements }: Mesh): void {
  if (!isConcrete(vertices)) return;
  const size = elementKinds[element].nodes.length;
  vertices.read((xy) => {
    for (let first = 0; first < elements.length; first += size) {
      for (let corner = 0; corner < size; corner++) {
        if (cornerArea(xy, elements, first, corner, size) > 0) continue;
        const list = elements.subarray(first, first + size).join(', ');
        throw new RangeError(
          `${name}: element ${first / size} (vertices ${list}) is inverted or degenerate at vertex ${elements[first + corner]}; vertices go counter-clockwise around a convex element, and are finite.`,
        );
      }
    }
  });
}

/** Twice the signed area of the triangle at a corner of an element. */
export function cornerArea(
  xy: ArrayLike<number>,
  elements: Int32Array,
  first: number,
  corner: number,
  size: number,
): number {
  const vertex = (k: number): number => at(elements, first + ((corner + k) % size));
  const [a, b, c] = [vertex(0), vertex(1), vertex(size - 1)];
  const [x, y] = [at(xy, 2 * a), at(xy, 2 * a + 1)];
  return (
    (at(xy, 2 * b) - x) * (at(xy, 2 * c + 1) - y) - (at(xy, 2 * c) - x) * (at(xy, 2 * b + 1) - y)
  );
}

function flat(
  what: string,
  given: readonly (readonly number[])[] | Int32Array,
  size: number,
): Int32Array {
  if (given instanceof Int32Array) {
    if (given.length % size === 0) return given;
    throw new RangeError(
      `createMesh: there are ${given.length} numbers; each ${what} has ${size} vertices.`,
    );
  }
  const numbers = new Int32Array(given.length * size);
  given.forEach((list, i) => {
    if (list.length !== size || !list.every(Number.isInteger)) {
      throw new RangeError(
        `createMesh: ${what} ${i} is [${list.join(', ')}]; ${size} vertex numbers are needed.`,
      );
    }
    numbers.set(list, i * size);
  });
  return numbers;
}

function checkVertices(what: string, numbers: Int32Array, size: number, count: number): void {
  for (let first = 0; first < numbers.length; first += size) {
    const own = numbers.subarray(first, first + size);
    const bad = own.find((v) => v < 0 || v >= count);
    if (bad !== undefined) {
      throw new RangeError(
        `createMesh: ${what} ${first / size} has vertex ${bad}; vertices are numbered 0 to ${count - 1}.`,
      );
    }
    if (new Set(own).size === size) continue;
    throw new RangeError(
      `createMesh: ${what} ${first / size} (${own.join(', ')}) has a vertex twice.`,
    );
  }
}

function checkUse(elements: Int32Array, count: number): void {
  const used = new Uint8Array(count);
  for (const vertex of elements) used[vertex] = 1;
  const idle = used.indexOf(0);
  if (idle < 0) return;
  throw new RangeError(
    `createMesh: vertex ${idle} is in no element; leave out vertices that are not used.`,
  );
}
