import { isConcrete } from '@grad/core';
import { at } from './at.ts';
import { elementKinds } from './elements/index.ts';
import type { Mesh } from './mesh.ts';

/** Whether a place belongs to a part of the boundary. */
export type Predicate = (x: number, y: number) => boolean;

/**
 * Which vertices: the name of a part of the boundary, a test of their coordinates on the boundary, or
 * their numbers.
 */
export type Where = string | Predicate | readonly number[];

const outlines = new WeakMap<Int32Array, Int32Array>();

/** All edges that belong to one element only, as pairs of vertices with the body on their left. */
export function boundaryEdges({ element, elements }: Mesh): Int32Array {
  const known = outlines.get(elements);
  if (known) return known;
  const size = elementKinds[element].nodes.length;
  const open = new Map<string, [number, number]>();
  for (let first = 0; first < elements.length; first += size) {
    for (let k = 0; k < size; k++) {
      const [a, b] = [at(elements, first + k), at(elements, first + ((k + 1) % size))];
      const key = a < b ? `${a} ${b}` : `${b} ${a}`;
      if (!open.delete(key)) open.set(key, [a, b]);
    }
  }
  const edges = Int32Array.from([...open.values()].flat());
  outlines.set(elements, edges);
  return edges;
}

/**
 * The mesh with one more named part of the boundary: the edges with both ends where the test holds.
 * Name parts while vertices are numbers; the names stay when vertices become variables.
 *
 * @throws RangeError when there is no such edge.
 */
export function markBoundary(mesh: Mesh, name: string, test: Predicate): Mesh {
  const edges = edgesAt('markBoundary', mesh, test);
  return { ...mesh, boundary: { ...mesh.boundary, [name]: edges } };
}

/** The edges of a part of the boundary. */
export function edgesAt(name: string, mesh: Mesh, where: string | Predicate): Int32Array {
  if (typeof where === 'string') {
    const edges = mesh.boundary[where];
    if (edges) return edges;
    const names = Object.keys(mesh.boundary);
    throw new RangeError(
      `${name}: the mesh has no boundary '${where}'; ${names.length === 0 ? 'it has none with a name' : `there are ${names.join(', ')}`}.`,
    );
  }
  if (!isConcrete(mesh.vertices)) {
    throw new TypeError(
      `${name}: where a test holds is not known while a function is recorded. Name that part before, with markBoundary, and give the name.`,
    );
  }
  const all = boundaryEdges(mesh);
  const found = mesh.vertices.read((xy) => {
    const holds = (vertex: number): boolean => where(at(xy, 2 * vertex), at(xy, 2 * vertex + 1));
    const edges: number[] = [];
    for (let k = 0; k < all.length; k += 2) {
      const [a, b] = [at(all, k), at(all, k + 1)];
      if (holds(a) && holds(b)) edges.push(a, b);
    }
    return Int32Array.from(edges);
  });
  if (found.length > 0) return found;
  throw new RangeError(`${name}: the test holds for no edge of the boundary.`);
}

/** Vertices of a part of the boundary, each once, in rising order. */
export function verticesAt(name: string, mesh: Mesh, where: Where): Int32Array {
  if (typeof where === 'string') return sortedOnce(edgesAt(name, mesh, where));
  const count = mesh.vertices.shape[0] ?? 0;
  if (typeof where !== 'function') {
    for (const vertex of where) {
      if (Number.isInteger(vertex) && vertex >= 0 && vertex < count) continue;
      throw new RangeError(
        `${name}: there is no vertex ${vertex}; they go from 0 to ${count - 1}.`,
      );
    }
    return sortedOnce(where);
  }
  if (!isConcrete(mesh.vertices)) return sortedOnce(edgesAt(name, mesh, where));
  const found = mesh.vertices.read((xy) =>
    sortedOnce(boundaryEdges(mesh)).filter((v) => where(at(xy, 2 * v), at(xy, 2 * v + 1))),
  );
  if (found.length > 0) return found;
  throw new RangeError(`${name}: the test holds for no vertex of the boundary.`);
}

function sortedOnce(vertices: Iterable<number>): Int32Array {
  return Int32Array.from(new Set(vertices)).sort();
}
