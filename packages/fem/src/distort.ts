import { random, type Tensor, tensor } from '@grad/core';
import { at } from './at.ts';
import { boundaryEdges } from './boundary.ts';
import { elementKinds } from './elements/index.ts';
import { checkOrientation, type Mesh } from './mesh.ts';

/**
 * The mesh with its inner vertices moved at random, each coordinate by at most `amount` times the
 * shortest edge there. What a method gives should hardly depend on it.
 *
 * @throws RangeError naming an element that is then inverted; below 0.2 none of a regular mesh is.
 */
export function distort(mesh: Mesh, { amount = 0.2, seed = 0 } = {}): Mesh {
  const { vertices, elements, element } = mesh;
  const count = vertices.shape[0] ?? 0;
  const size = elementKinds[element].nodes.length;
  const reach = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  vertices.read((xy) => {
    for (let first = 0; first < elements.length; first += size) {
      for (let k = 0; k < size; k++) {
        const [a, b] = [at(elements, first + k), at(elements, first + ((k + 1) % size))];
        const length = Math.hypot(
          at(xy, 2 * a) - at(xy, 2 * b),
          at(xy, 2 * a + 1) - at(xy, 2 * b + 1),
        );
        for (const v of [a, b]) reach[v] = Math.min(at(reach, v), length);
      }
    }
  });
  for (const vertex of boundaryEdges(mesh)) reach[vertex] = 0;
  const shifts: Tensor = random.uniform(random.key(seed), [count, 2], { dtype: 'float64' });
  const moved = vertices.add(
    shifts
      .mul(2)
      .sub(1)
      .mul(tensor(reach).mul(amount).reshape([count, 1])),
  );
  const result = { ...mesh, vertices: moved };
  checkOrientation('distort', result);
  return result;
}
