import type { Element, Natural } from './element.ts';

const corners: readonly Natural[] = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
];
const gauss = 1 / Math.sqrt(3);

/** The quadrilateral with four nodes, isoparametric and bilinear, with 2 x 2 Gauss points. */
export const q4: Element = {
  name: 'q4',
  nodes: corners,
  quadrature: corners.map(([xi, eta]) => ({ at: [gauss * xi, gauss * eta], weight: 1 })),
  center: [0, 0],
  shape: ([xi, eta]) => corners.map(([a, b]) => ((1 + a * xi) * (1 + b * eta)) / 4),
  slopes: ([xi, eta]) =>
    corners.map(([a, b]): Natural => [(a * (1 + b * eta)) / 4, (b * (1 + a * xi)) / 4]),
  gmsh: 3,
  vtk: 9,
};
