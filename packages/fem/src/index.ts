/**
 * Finite elements whose solutions can be differentiated.
 *
 * @module
 */

export { elementAreas } from './areas.ts';
export { boundaryEdges, markBoundary, type Predicate, type Where } from './boundary.ts';
export { cookMembrane } from './cook-membrane.ts';
export type { Elements } from './density-space.ts';
export { distort } from './distort.ts';
export { type EdgeStressOptions, edgeStress } from './edge-stress.ts';
export {
  type ElasticityOptions,
  elasticity,
  type FixedDisplacement,
  type PointForce,
  type Stresses,
  type Traction,
} from './elasticity.ts';
export type { ElementName } from './elements/element.ts';
export type { ElementField, Field } from './field.ts';
export { MeshFileError } from './gmsh/mesh-file-error.ts';
export { type ReadGmshOptions, readGmsh } from './gmsh/read-gmsh.ts';
export { type Boundary, createMesh, elementCount, type Mesh, type MeshOptions } from './mesh.ts';
export { type MeshQuality, meshQuality } from './mesh-quality.ts';
export {
  type OptimizedShape,
  type OptimizeShapeOptions,
  optimizeShape,
  type ShapeIteration,
  type ShapeStatus,
} from './optimize-shape.ts';
export { type PNormOptions, pNorm } from './p-norm.ts';
export { type PlateOptions, plateWithHole } from './plate-with-hole.ts';
export { type FixedValue, type Flow, type Flux, type PoissonOptions, poisson } from './poisson.ts';
export type { Problem } from './problem.ts';
export { mapMesh, type RectangleOptions, rectangle } from './rectangle.ts';
export { SupportError } from './rigid-motion.ts';
export { shapeGradient } from './shape-gradient.ts';
export type { CutStep } from './shape-search.ts';
export { type Solution, type SolveOptions, solve } from './solve.ts';
export type { Plane } from './stress.ts';
export {
  simp,
  type Topology,
  type TopologyIteration,
  type TopologyOptions,
  topologyOptimization,
} from './topology-optimization.ts';
export { type VtuFields, type VtuOptions, writeVtu } from './write-vtu.ts';
