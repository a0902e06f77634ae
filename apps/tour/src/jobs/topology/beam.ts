import type { Tensor } from '@grad/core';
import { elasticity, type Mesh, type Problem, rectangle, type Stresses } from '@grad/fem';

/** Numbers of elements along and across. */
export const cells = [60, 20] as const;

/** Half of a beam of unit squares. */
export const beamMesh = (): Mesh =>
  rectangle({ width: cells[0], height: cells[1], cells: [...cells] });

/** The beam: held by symmetry on the left, on a roller at the lower right, loaded at the upper left. */
export function beam(mesh: Mesh, young: Tensor): Problem<Stresses> {
  const [nx, ny] = cells;
  return elasticity({
    mesh,
    young,
    poisson: 0.3,
    fixed: [
      { on: 'left', x: 0 },
      { on: [nx], y: 0 },
    ],
    loads: [{ at: ny * (nx + 1), force: [0, -1] }],
  });
}
