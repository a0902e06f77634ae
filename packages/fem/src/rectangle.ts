import { tensor } from '@grad/core';
import { at } from './at.ts';
import type { ElementName } from './elements/element.ts';
import { createMesh, type Mesh } from './mesh.ts';

/** Options of `rectangle`. */
export interface RectangleOptions {
  /** Extent in x; 1 when left out. */
  readonly width?: number;
  /** Extent in y; 1 when left out. */
  readonly height?: number;
  /** Numbers of cells in x and in y. */
  readonly cells: readonly [nx: number, ny: number];
  /** Squares, or each cut in two along the diagonal from its lower left; 'q4' when left out. */
  readonly element?: ElementName;
}

/**
 * A rectangle from the origin on, in cells of one size. Vertex (i, j) has the number `i + j (nx + 1)`,
 * cell (i, j) the number `i + j nx`; a cell that is cut is elements `2 cell` and `2 cell + 1`. Its
 * boundary has the parts `left`, `right`, `bottom` and `top`.
 *
 * @throws RangeError when an extent or a number of cells is not positive.
 */
export function rectangle(options: RectangleOptions): Mesh {
  const { width = 1, height = 1, cells, element = 'q4' } = options;
  const [nx, ny] = cells;
  for (const [what, value] of Object.entries({ width, height })) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new RangeError(`rectangle: the ${what} is ${value}; give a positive number.`);
  }
  for (const n of cells) {
    if (Number.isInteger(n) && n > 0) continue;
    throw new RangeError(
      `rectangle: cells are [${cells.join(', ')}]; give two whole numbers >= 1.`,
    );
  }
  return grid('rectangle', nx, ny, element, (s, t) => [width * s, height * t], {
    bottom: 'bottom',
    right: 'right',
    top: 'top',
    left: 'left',
  });
}

/** What the four sides of a grid are called. */
export interface Sides {
  readonly bottom: string;
  readonly right: string;
  readonly top: string;
  readonly left: string;
}

/** A grid of cells whose vertices are placed by a map of the unit square that keeps orientation. */
export function grid(
  name: string,
  nx: number,
  ny: number,
  element: ElementName,
  place: (s: number, t: number) => readonly [number, number],
  sides: Sides,
): Mesh {
  if (element !== 't3' && element !== 'q4') {
    throw new TypeError(`${name}: the element is '${String(element)}'; it must be 't3' or 'q4'.`);
  }
  const vertices = new Float64Array(2 * (nx + 1) * (ny + 1));
  for (let j = 0; j <= ny; j++) {
    for (let i = 0; i <= nx; i++) vertices.set(place(i / nx, j / ny), 2 * (i + j * (nx + 1)));
  }
  const elements: number[] = [];
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const a = i + j * (nx + 1);
      const [b, c, d] = [a + 1, a + nx + 2, a + nx + 1];
      if (element === 'q4') elements.push(a, b, c, d);
      else elements.push(a, b, c, a, c, d);
    }
  }
  const chain = (n: number, from: number, step: number): Int32Array =>
    Int32Array.from({ length: 2 * n }, (_, k) => from + step * Math.ceil(k / 2));
  const row = nx + 1;
  return createMesh({
    element,
    vertices: tensor(vertices).reshape([vertices.length / 2, 2]),
    elements: Int32Array.from(elements),
    boundary: {
      [sides.bottom]: chain(nx, 0, 1),
      [sides.right]: chain(ny, nx, row),
      [sides.top]: chain(nx, row * ny + nx, -1),
      [sides.left]: chain(ny, row * ny, -row),
    },
  });
}

/**
 * The mesh with its vertices moved to where a function puts them.
 *
 * @throws RangeError naming an element that is then inverted.
 */
export function mapMesh(
  mesh: Mesh,
  place: (x: number, y: number) => readonly [number, number],
): Mesh {
  const vertices = mesh.vertices.read((xy) => {
    const moved = new Float64Array(xy.length);
    for (let k = 0; k < xy.length; k += 2) moved.set(place(at(xy, k), at(xy, k + 1)), k);
    return moved;
  });
  const { element, elements, boundary, regions } = mesh;
  const shape = mesh.vertices.shape;
  return createMesh({
    element,
    elements,
    boundary,
    regions,
    vertices: tensor(vertices).reshape([...shape]),
  });
}
