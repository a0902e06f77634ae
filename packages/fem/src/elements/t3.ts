import type { Element } from './element.ts';

/** The triangle with three nodes, on which fields are linear. */
export const t3: Element = {
  name: 't3',
  nodes: [
    [0, 0],
    [1, 0],
    [0, 1],
  ],
  // Degree 2, so that sources that are linear are integrated exactly.
  quadrature: [
    { at: [1 / 6, 1 / 6], weight: 1 / 6 },
    { at: [2 / 3, 1 / 6], weight: 1 / 6 },
    { at: [1 / 6, 2 / 3], weight: 1 / 6 },
  ],
  center: [1 / 3, 1 / 3],
  shape: ([xi, eta]) => [1 - xi - eta, xi, eta],
  slopes: () => [
    [-1, -1],
    [1, 0],
    [0, 1],
  ],
  gmsh: 2,
  vtk: 5,
};
