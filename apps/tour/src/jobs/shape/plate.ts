import { jit, type Tensor } from '@grad/core';
import {
  edgeStress,
  elasticity,
  type FixedDisplacement,
  type Mesh,
  type Problem,
  type Stresses,
  solve,
} from '@grad/fem';

/** Parts that the boundary of a mesh must have. */
export const parts = ['left', 'bottom', 'right', 'top', 'hole'] as const;

/** Tractions on the right and on the top. */
export const pull = [2, 1] as const;

const symmetry: readonly FixedDisplacement[] = [
  { on: 'left', x: 0 },
  { on: 'bottom', y: 0 },
];

/** Where the mesh is held as the hole moves. */
export const heldMesh: readonly FixedDisplacement[] = [{ on: 'right' }, { on: 'top' }, ...symmetry];

/** A quarter of a plate that is pulled in two directions. */
export function plate(mesh: Mesh): Problem<Stresses> {
  return elasticity({
    mesh,
    young: 1,
    poisson: 0.3,
    fixed: symmetry,
    loads: [
      { on: 'right', traction: [pull[0], 0] },
      { on: 'top', traction: [0, pull[1]] },
    ],
  });
}

/** Stresses of a plate. */
export interface PlateStresses {
  /** Along the hole, one for each edge. */
  readonly hoop: Float64Array;
  readonly vonMises: Float64Array;
}

/** Computes stresses on meshes that are connected alike. */
export function stressesOf(mesh: Mesh): (vertices: Tensor) => PlateStresses {
  const compute = jit((vertices: Tensor) => {
    const placed = { ...mesh, vertices };
    const { u, vonMises } = solve(plate(placed));
    return { hoop: edgeStress({ mesh: placed, u, on: 'hole', young: 1 }), vonMises };
  });
  return (vertices) => {
    const { hoop, vonMises } = compute(vertices);
    return {
      hoop: Float64Array.from(hoop.dataSync()),
      vonMises: Float64Array.from(vonMises.dataSync()),
    };
  };
}
