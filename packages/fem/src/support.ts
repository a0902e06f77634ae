import { concatenate, type Tensor, take, tensor, zeros } from '@grad/core';
import { at } from './at.ts';
import { verticesAt, type Where } from './boundary.ts';
import { type Field, fieldAt } from './field.ts';
import type { Mesh } from './mesh.ts';

/** Values that are given in advance, one for each degree of freedom that is held. */
export interface Support {
  /** Degrees of freedom, rising. */
  readonly held: Int32Array;
  /** Their values; null where all are 0. */
  readonly values: Tensor | null;
}

/** One component held at some vertices. */
export interface Held {
  readonly on: Where;
  readonly component: number;
  readonly value: Field;
}

/** Which degrees of freedom are held, and where. Of several entries for one the last counts. */
export function supportOf(
  name: string,
  mesh: Mesh,
  components: number,
  list: readonly Held[],
): Support {
  const source = new Map<number, number>();
  const parts: Tensor[] = [];
  let count = 0;
  let zero = true;
  for (const { on, component, value } of list) {
    const vertices = verticesAt(name, mesh, on);
    vertices.forEach((vertex, k) => {
      source.set(vertex * components + component, count + k);
    });
    count += vertices.length;
    if (value === 0) {
      parts.push(zeros([vertices.length]));
      continue;
    }
    zero = false;
    const places = take(mesh.vertices, tensor(vertices));
    parts.push(fieldAt(`${name}: a given value`, value, places.at(null, 0), places.at(null, 1)));
  }
  const held = Int32Array.from(source.keys()).sort();
  if (zero || held.length === 0) return { held, values: null };
  const order = held.map((dof) => source.get(dof) ?? 0);
  return { held, values: take(concatenate(parts, { axis: 0 }), tensor(order)) };
}

/** Groups of vertices that elements connect: the group of each vertex. */
export function groupsOf(elements: Int32Array, size: number, vertices: number): Int32Array {
  const parent = Int32Array.from({ length: vertices }, (_, v) => v);
  const root = (vertex: number): number => {
    let v = vertex;
    while (at(parent, v) !== v) {
      parent[v] = at(parent, at(parent, v));
      v = at(parent, v);
    }
    return v;
  };
  for (let first = 0; first < elements.length; first += size) {
    for (let k = 1; k < size; k++) {
      parent[root(at(elements, first + k))] = root(at(elements, first));
    }
  }
  return parent.map((_, v) => root(v));
}
