import { grad, maximum, sum, type Tensor, tensor, where } from '@grad/core';
import { elementAreas } from './areas.ts';
import { elementFilter } from './density-filter.ts';
import { elementCount, type Mesh } from './mesh.ts';

/** Which elements keep their density, by their numbers or the name of a region. */
export type Elements = string | readonly number[];

/** What densities are variables of, and how they become those of the material. */
export interface DensitySpace {
  /** 1 for elements that keep their density. */
  readonly passive: Uint8Array;
  /** Derivative of the volume in each variable; volumes are in units of a mean element. */
  readonly volumes: Float64Array;
  /** The volume of all elements. */
  readonly size: number;
  /** Variables that fill a share of the volume, as far as possible evenly. */
  start(share: number): Float64Array;
  /** Densities of the material. */
  readonly physical: (x: Tensor) => Tensor;
  /** The derivative that the update uses. */
  readonly filterSlopes: (x: Tensor, slopes: Tensor) => Tensor;
}

/** Variables of a topology optimization. */
export function densitySpace({
  mesh,
  radius,
  filter,
  empty,
  full,
}: {
  readonly mesh: Mesh;
  readonly radius: number;
  readonly filter: 'sensitivity' | 'density';
  readonly empty: Elements | undefined;
  readonly full: Elements | undefined;
}): DensitySpace {
  const count = elementCount(mesh);
  const mean = elementFilter(mesh, radius);
  const [emptied, filled] = [chosen('empty', mesh, empty), chosen('full', mesh, full)];
  const passive = new Uint8Array(count);
  for (const e of [...emptied, ...filled]) passive[e] = 1;
  const held = tensor(passive).gt(0);
  const physical = (x: Tensor): Tensor => (filter === 'density' ? where(held, x, mean(x)) : x);
  const areas = elementAreas(mesh);
  const relative = areas.div(areas.mean());
  const volumes = grad((x: Tensor) => sum(physical(x).mul(relative)))(
    tensor(new Float64Array(count)),
  );
  return {
    passive,
    volumes: volumes.read((data) => Float64Array.from(data)),
    size: count,
    start(share) {
      const x = new Float64Array(count).fill(share);
      for (const e of emptied) x[e] = 0;
      for (const e of filled) x[e] = 1;
      return x;
    },
    physical,
    filterSlopes: (x, slopes) =>
      filter === 'density' ? slopes : mean(x.mul(slopes)).div(maximum(x, 1e-3)),
  };
}

function chosen(
  what: string,
  mesh: Mesh,
  given: Elements | undefined,
): ArrayLike<number> & Iterable<number> {
  if (given === undefined) return [];
  if (typeof given === 'string') {
    const region = mesh.regions[given];
    if (region) return region;
    const names = Object.keys(mesh.regions);
    throw new RangeError(
      `topologyOptimization: ${what}: the mesh has no region '${given}'; ${names.length === 0 ? 'it has none with a name' : `there are ${names.join(', ')}`}.`,
    );
  }
  const count = elementCount(mesh);
  for (const e of given) {
    if (Number.isInteger(e) && e >= 0 && e < count) continue;
    throw new RangeError(
      `topologyOptimization: ${what}: there is no element ${e}; they go from 0 to ${count - 1}.`,
    );
  }
  return given;
}
