import { sparse, type Tensor, tensor } from '@grad/core';
import { at } from './at.ts';
import { elementKinds } from './elements/index.ts';
import { elementCount, type Mesh } from './mesh.ts';

/** Means over the elements nearby, with weights that fall to 0 at a radius from the centre of each. */
export function elementFilter(mesh: Mesh, radius: number): (values: Tensor) => Tensor {
  const centers = centersOf(mesh);
  const count = elementCount(mesh);
  const cell = (value: number): number => Math.floor(value / radius);
  const cells = new Map<string, number[]>();
  for (let e = 0; e < count; e++) {
    const key = `${cell(at(centers, 2 * e))} ${cell(at(centers, 2 * e + 1))}`;
    const own = cells.get(key);
    if (own) own.push(e);
    else cells.set(key, [e]);
  }
  const indptr = [0];
  const indices: number[] = [];
  const data: number[] = [];
  const sums = new Float64Array(count);
  for (let e = 0; e < count; e++) {
    const [x, y] = [at(centers, 2 * e), at(centers, 2 * e + 1)];
    const near: number[] = [];
    for (let i = -1; i <= 1; i++) {
      for (let j = -1; j <= 1; j++)
        near.push(...(cells.get(`${cell(x) + i} ${cell(y) + j}`) ?? []));
    }
    near.sort((a, b) => a - b);
    for (const other of near) {
      const distance = Math.hypot(at(centers, 2 * other) - x, at(centers, 2 * other + 1) - y);
      const weight = radius - distance;
      if (weight <= 0) continue;
      indices.push(other);
      data.push(weight);
      sums[e] = at(sums, e) + weight;
    }
    indptr.push(indices.length);
  }
  const weights = sparse.csr({ shape: [count, count], indptr, indices, data });
  const divisors = tensor(sums);
  return (values) => sparse.matvec(weights, values).div(divisors);
}

/** Means of the corners of each element, two numbers for each. */
function centersOf({ element, elements, vertices }: Mesh): Float64Array {
  const size = elementKinds[element].nodes.length;
  return vertices.read((xy) => {
    const centers = new Float64Array((2 * elements.length) / size);
    elements.forEach((vertex, k) => {
      const to = 2 * Math.floor(k / size);
      for (const c of [0, 1]) centers[to + c] = at(centers, to + c) + at(xy, 2 * vertex + c) / size;
    });
    return centers;
  });
}
