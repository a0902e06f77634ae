import { segmentSum, stack, type Tensor, take, tensor, zeros } from '@grad/core';
import { edgesAt, type Predicate } from './boundary.ts';
import { elementKinds } from './elements/index.ts';
import { type Field, fieldAt } from './field.ts';
import type { Mesh } from './mesh.ts';
import { cornersOf, quadratureOf, sample, shapesAt } from './sample.ts';

/** Loads `[n, components]` of a source per area, one field for each component. */
export function areaLoad(name: string, mesh: Mesh, source: readonly Field[]): Tensor {
  const kind = elementKinds[mesh.element];
  const { points, weights } = quadratureOf(kind);
  const shapes = shapesAt(kind, points);
  const corners = cornersOf(mesh);
  const [x, y] = [corners.at(null, null, 0), corners.at(null, null, 1)].map((nodes) =>
    nodes.matmul(shapes.transpose()),
  );
  if (!x || !y) throw new RangeError(`${name}: corners have no coordinates.`);
  const area = sample(mesh, points).scale.mul(weights);
  const loads = source.map((field) => fieldAt(name, field, x, y).mul(area).matmul(shapes));
  const count = mesh.vertices.shape[0] ?? 0;
  const rows = stack(loads, { axis: 2 }).reshape([mesh.elements.length, source.length]);
  return segmentSum(rows, tensor(mesh.elements), { count });
}

const gauss = 1 / Math.sqrt(3);

/** Loads `[n, components]` of a source per length of a part of the boundary. */
export function edgeLoad(
  name: string,
  mesh: Mesh,
  on: string | Predicate,
  source: readonly Field[],
): Tensor {
  const edges = edgesAt(name, mesh, on);
  const ends = take(mesh.vertices, tensor(edges)).reshape([edges.length / 2, 2, 2]);
  const along = ends.at(null, 1).sub(ends.at(null, 0));
  const half = along
    .square()
    .sum({ axis: 1 })
    .sqrt()
    .mul(0.5)
    .reshape([edges.length / 2, 1]);
  const shapes = tensor([-gauss, gauss].map((s) => [(1 - s) / 2, (1 + s) / 2]));
  const x = ends.at(null, null, 0).matmul(shapes.transpose());
  const y = ends.at(null, null, 1).matmul(shapes.transpose());
  const loads = source.map((field) => fieldAt(name, field, x, y).mul(half).matmul(shapes));
  const rows = stack(loads, { axis: 2 }).reshape([edges.length, source.length]);
  return segmentSum(rows, tensor(edges), { count: mesh.vertices.shape[0] ?? 0 });
}

/** Loads `[n, components]` at single vertices. */
export function vertexLoad(
  name: string,
  mesh: Mesh,
  at: number | readonly number[],
  source: readonly Tensor[],
): Tensor {
  const vertices = typeof at === 'number' ? [at] : at;
  const count = mesh.vertices.shape[0] ?? 0;
  for (const vertex of vertices) {
    if (Number.isInteger(vertex) && vertex >= 0 && vertex < count) continue;
    throw new RangeError(`${name}: there is no vertex ${vertex}; they go from 0 to ${count - 1}.`);
  }
  if (vertices.length === 0) return zeros([count, source.length]);
  const row = stack(source).reshape([1, source.length]);
  const rows = row.add(zeros([vertices.length, source.length]));
  return segmentSum(rows, tensor([...vertices], { dtype: 'int32' }), { count });
}
