import type { ElementName } from './elements/element.ts';
import type { Mesh } from './mesh.ts';
import { mapMesh, rectangle } from './rectangle.ts';

/**
 * Cook's membrane, the tapered panel (0, 0), (48, 44), (48, 60), (0, 44), in n by n cells. Its
 * boundary has the parts `left`, `right`, `bottom` and `top`.
 *
 * @see R. D. Cook, "Improved two-dimensional finite element", J. Struct. Div. ASCE 100 (1974) 1851.
 */
export function cookMembrane(n: number, { element = 'q4' }: { element?: ElementName } = {}): Mesh {
  return mapMesh(rectangle({ cells: [n, n], element }), (s, t) => [
    48 * s,
    44 * s + t * (44 - 28 * s),
  ]);
}
