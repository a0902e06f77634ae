/** Natural coordinates on the reference element. */
export type Natural = readonly [xi: number, eta: number];

/** A point of a quadrature rule. */
export interface QuadraturePoint {
  readonly at: Natural;
  readonly weight: number;
}

/** Names of the elements there are. */
export type ElementName = 't3' | 'q4';

/**
 * A kind of element: shape functions on a reference element, and where to sample them. Another kind is
 * another object like this, in a file of its own.
 */
export interface Element {
  readonly name: ElementName;
  /** Natural coordinates of the nodes, counter-clockwise. */
  readonly nodes: readonly Natural[];
  /** Exact for the stiffness of an element that is a parallelogram. */
  readonly quadrature: readonly QuadraturePoint[];
  readonly center: Natural;
  /** Values of the shape functions, one for each node. */
  shape(at: Natural): number[];
  /** Their derivatives in both natural coordinates, a pair for each node. */
  slopes(at: Natural): Natural[];
  /** Number of this kind in Gmsh's files. */
  readonly gmsh: number;
  /** Number of this kind in VTK's files. */
  readonly vtk: number;
}
