/**
 * Where the entries of the stiffness matrix are. It is a matrix of the free degrees of freedom only, and
 * its pattern depends on what is connected and what is held, not on coordinates or values. So it is
 * found once, together with the place of each entry of each element's matrix.
 */

import { SparsityPattern, type Tensor, tensor } from '@grad/core';
import { at } from './at.ts';
import { elementKinds } from './elements/index.ts';
import type { Mesh } from './mesh.ts';

/** The pattern of a problem. */
export interface Layout {
  /** Of the free degrees of freedom. */
  readonly pattern: SparsityPattern;
  /** Free degrees of freedom, in rising order. */
  readonly free: Tensor;
  /** Entry of each element's matrix: `pattern.nnz` where a row or a column is held. */
  readonly target: Tensor;
  /** Degree of freedom of each row of each element's matrix, one element after the other. */
  readonly rows: Tensor;
}

/** How many layouts are kept for one mesh. */
const kept = 8;

const layouts = new WeakMap<Int32Array, Map<string, Layout>>();

/** The layout of a mesh with degrees of freedom `vertex * components + component`, some of them held. */
export function layoutOf(mesh: Mesh, components: number, held: Int32Array): Layout {
  const own = layouts.get(mesh.elements) ?? new Map<string, Layout>();
  layouts.set(mesh.elements, own);
  const key = `${components}:${held.join()}`;
  const known = own.get(key);
  if (known) return known;
  const layout = makeLayout(mesh, components, held);
  const [oldest] = own.keys();
  if (own.size >= kept && oldest !== undefined) own.delete(oldest);
  own.set(key, layout);
  return layout;
}

function makeLayout(mesh: Mesh, components: number, held: Int32Array): Layout {
  const { elements } = mesh;
  const size = elementKinds[mesh.element].nodes.length;
  const vertices = mesh.vertices.shape[0] ?? 0;
  const numbers = new Int32Array(vertices * components);
  for (const dof of held) numbers[dof] = -1;
  let count = 0;
  const free = numbers.map((mark, dof) => {
    if (mark === 0) numbers[dof] = count++;
    return dof;
  });
  const { starts, neighbours } = neighboursOf(elements, size, vertices);

  // Row by row: for each vertex nearby, in rising order, its components that are free.
  const indptr = new Int32Array(count + 1);
  const indices: number[] = [];
  for (let vertex = 0; vertex < vertices; vertex++) {
    for (let c = 0; c < components; c++) {
      const row = at(numbers, vertex * components + c);
      if (row < 0) continue;
      for (let k = at(starts, vertex); k < at(starts, vertex + 1); k++) {
        for (let d = 0; d < components; d++) {
          const column = at(numbers, at(neighbours, k) * components + d);
          if (column >= 0) indices.push(column);
        }
      }
      indptr[row + 1] = indices.length;
    }
  }
  const pattern = new SparsityPattern({ shape: [count, count], indptr, indices });
  const rows = new Int32Array(elements.length * components);
  for (let k = 0; k < rows.length; k++) {
    rows[k] = at(elements, Math.floor(k / components)) * components + (k % components);
  }
  return {
    pattern,
    free: tensor(free.filter((dof) => at(numbers, dof) >= 0)),
    target: tensor(targets(pattern, rows, numbers, size * components)),
    rows: tensor(rows),
  };
}

/** Vertices that share an element with each vertex, itself included, in rising order. */
function neighboursOf(
  elements: Int32Array,
  size: number,
  vertices: number,
): { readonly starts: Int32Array; readonly neighbours: Int32Array } {
  const around: number[][] = Array.from({ length: vertices }, () => []);
  for (let first = 0; first < elements.length; first += size) {
    for (let k = 0; k < size; k++) {
      const own = at(around, at(elements, first + k));
      for (let l = 0; l < size; l++) {
        const other = at(elements, first + l);
        if (!own.includes(other)) own.push(other);
      }
    }
  }
  const starts = new Int32Array(vertices + 1);
  around.forEach((list, vertex) => {
    list.sort((a, b) => a - b);
    starts[vertex + 1] = at(starts, vertex) + list.length;
  });
  return { starts, neighbours: Int32Array.from(around.flat()) };
}

function targets(
  { indptr, indices, nnz }: SparsityPattern,
  rows: Int32Array,
  numbers: Int32Array,
  size: number,
): Int32Array {
  const target = new Int32Array(rows.length * size);
  let next = 0;
  for (let first = 0; first < rows.length; first += size) {
    for (let k = 0; k < size; k++) {
      const row = at(numbers, at(rows, first + k));
      for (let l = 0; l < size; l++) {
        const column = at(numbers, at(rows, first + l));
        target[next++] =
          row < 0 || column < 0 ? nnz : find(indices, column, at(indptr, row), at(indptr, row + 1));
      }
    }
  }
  return target;
}

/** Where a number is in a rising part of an array. */
function find(numbers: Int32Array, wanted: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(numbers, middle) <= wanted) low = middle;
    else high = middle;
  }
  return low;
}
