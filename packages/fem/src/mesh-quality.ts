import { at } from './at.ts';
import { elementKinds } from './elements/index.ts';
import { cornerArea, elementCount, type Mesh } from './mesh.ts';

/** How good the elements of a mesh are. */
export interface MeshQuality {
  /**
   * Scaled Jacobian of each element: the least, over its corners, of the sine of the angle, in
   * relation to that of the ideal element. 1 is best, and 0 or less is inverted.
   */
  readonly values: Float64Array;
  /** The element of the least value. */
  readonly worst: number;
  readonly least: number;
}

/**
 * The scaled Jacobians of the elements of a mesh whose vertices are known.
 *
 * @see P. M. Knupp, "Achieving finite element mesh quality via optimization of the Jacobian matrix
 * norm and associated quantities", Int. J. Numer. Meth. Engng 48 (2000) 401.
 */
export function meshQuality(mesh: Mesh): MeshQuality {
  const { vertices, elements, element } = mesh;
  const size = elementKinds[element].nodes.length;
  const ideal = Math.sin((Math.PI * (size - 2)) / size);
  const values = new Float64Array(elementCount(mesh));
  vertices.read((xy) => {
    const length = (a: number, b: number): number =>
      Math.hypot(at(xy, 2 * a) - at(xy, 2 * b), at(xy, 2 * a + 1) - at(xy, 2 * b + 1));
    values.forEach((_, e) => {
      const first = e * size;
      let least = Number.POSITIVE_INFINITY;
      for (let k = 0; k < size; k++) {
        const vertex = (j: number): number => at(elements, first + ((k + j) % size));
        const sides = length(vertex(0), vertex(1)) * length(vertex(0), vertex(size - 1));
        const sine = sides > 0 ? cornerArea(xy, elements, first, k, size) / sides : 0;
        least = Number.isNaN(sine) ? Number.NEGATIVE_INFINITY : Math.min(least, sine);
      }
      values[e] = least / ideal;
    });
  });
  const worst = values.reduce((low, value, e) => (value < at(values, low) ? e : low), 0);
  return { values, worst, least: at(values, worst) };
}
