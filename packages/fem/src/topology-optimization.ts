/**
 * Where to put material: densities x of elements, with a modulus E(x) = Emin + x^p (E - Emin) that makes
 * intermediate ones a bad bargain (SIMP), for the least compliance at a given volume. The derivative in x
 * comes from the differentiated solution, a filter makes it independent of the mesh, and the optimality
 * criteria move the densities.
 *
 * O. Sigmund, "A 99 line topology optimization code written in Matlab", Struct. Multidisc. Optim. 21
 * (2001) 120; E. Andreassen et al., "Efficient topology optimization in MATLAB using 88 lines of code",
 * ibid. 43 (2011) 1.
 */

import { jit, type Tensor, tensor, valueAndGrad } from '@grad/core';
import { at } from './at.ts';
import { densitySpace, type Elements } from './density-space.ts';
import type { Stresses } from './elasticity.ts';
import { createPause } from './event-loop.ts';
import type { Mesh } from './mesh.ts';
import { optimalityUpdate } from './optimality-criteria.ts';
import type { Problem } from './problem.ts';
import { solve } from './solve.ts';
import { dot } from './vectors.ts';

/** Where a topology optimization stands. */
export interface TopologyIteration {
  /** From 1 on. */
  readonly iteration: number;
  /** Compliance of the densities that the iteration began with; the sum over load cases. */
  readonly compliance: number;
  /** Share of the volume that is filled after the update. */
  readonly volume: number;
  /** The largest change of a density. */
  readonly change: number;
  /** Physical densities of the elements after the update. */
  readonly densities: Float64Array;
}

/** Options of `topologyOptimization`. */
export interface TopologyOptions {
  readonly mesh: Mesh;
  /** The problem, or several load cases, for moduli of the elements `[elements]`. */
  readonly problem: (young: Tensor) => Problem<Stresses> | readonly Problem<Stresses>[];
  /** Share of the area to be filled, between 0 and 1. */
  readonly volume: number;
  /** Radius of the filter, in the units of the mesh. */
  readonly filterRadius: number;
  /** Whether derivatives are filtered, as by Sigmund (when left out), or densities. */
  readonly filter?: 'sensitivity' | 'density';
  /** Exponent of the interpolation; 3 when left out. */
  readonly penalty?: number;
  /** Young's modulus of the material; 1 when left out. */
  readonly young?: number;
  /** Young's modulus of what is empty; 1e-9 times that of the material when left out. */
  readonly youngMin?: number;
  /** The most that a density changes in an iteration; 0.2 when left out. */
  readonly move?: number;
  /** Change of the densities to stop at; 0.01 when left out. */
  readonly tolerance?: number;
  /** 200 when left out. */
  readonly maxIterations?: number;
  /** Elements that stay empty, by number or by the name of a region. */
  readonly empty?: Elements;
  /** Elements that stay full. */
  readonly full?: Elements;
  /** Stops with the status `'aborted'`, in the middle of a solution if need be. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each iteration. */
  readonly onIteration?: ((iteration: TopologyIteration) => void) | undefined;
}

/** The end of a topology optimization. */
export interface Topology {
  /** Physical densities of the elements, from 0 to 1. */
  readonly densities: Float64Array;
  /** Compliance in the last iteration, before its update. */
  readonly compliance: number;
  readonly iterations: number;
  readonly status: 'converged' | 'maxIterations' | 'aborted';
  /** Compliance of each iteration. */
  readonly history: readonly number[];
}

/** The modulus of a density between empty and full. */
export function simp(
  densities: Tensor,
  options: Pick<TopologyOptions, 'penalty' | 'young' | 'youngMin'> = {},
): Tensor {
  const { penalty = 3, young = 1 } = options;
  const { youngMin = 1e-9 * young } = options;
  return densities
    .pow(penalty)
    .mul(young - youngMin)
    .add(youngMin);
}

/**
 * Finds the densities of least compliance for a volume, by the solid isotropic material with
 * penalization (SIMP) and the optimality criteria.
 *
 * @throws RangeError when an option makes no sense, or a region or element does not exist.
 */
export async function topologyOptimization(options: TopologyOptions): Promise<Topology> {
  const { mesh, problem, volume, filterRadius, filter = 'sensitivity', signal } = options;
  const { penalty = 3, young = 1, move = 0.2, tolerance = 0.01, maxIterations = 200 } = options;
  const youngMin = options.youngMin ?? 1e-9 * young;
  check('volume', volume, (x) => x > 0 && x < 1, 'a number between 0 and 1');
  check('filterRadius', filterRadius, (x) => x > 0, 'a positive number');
  check('penalty', penalty, (x) => x >= 1, 'a number of 1 or more');
  check('young', young, (x) => x > 0, 'a positive number');
  check(
    'youngMin',
    youngMin,
    (x) => x > 0 && x < young,
    'a positive number below that of the material',
  );
  check('move', move, (x) => x > 0 && x <= 1, 'a number above 0, up to 1');
  check(
    'maxIterations',
    maxIterations,
    (x) => Number.isInteger(x) && x >= 1,
    'a whole number >= 1',
  );
  if (filter !== 'sensitivity' && filter !== 'density') {
    throw new TypeError(
      `topologyOptimization: filter is '${String(filter)}'; it must be 'sensitivity' or 'density'.`,
    );
  }
  const space = densitySpace({
    mesh,
    radius: filterRadius,
    filter,
    empty: options.empty,
    full: options.full,
  });
  const both = jit(
    valueAndGrad((x: Tensor) => {
      const made = problem(simp(space.physical(x), { penalty, young, youngMin }));
      const cases = 'mesh' in made ? [made] : made;
      return cases
        .map((one) => solve(one).compliance)
        .reduce((sum, compliance) => sum.add(compliance));
    }),
  );
  const filtered = jit(space.filterSlopes);
  const physical = jit(space.physical);
  const pause = createPause();
  let x = space.start(volume);
  let densities = numbersOf(physical(tensor(x)));
  const history: number[] = [];
  const end = (status: Topology['status']): Topology => ({
    densities,
    compliance: history.at(-1) ?? Number.NaN,
    iterations: history.length,
    status,
    history,
  });
  try {
    while (true) {
      await pause();
      signal?.throwIfAborted();
      const point = tensor(x);
      const [value, gradient] = await both.async([point], signal ? { signal } : {});
      const next = optimalityUpdate(x, {
        slopes: numbersOf(filtered(point, gradient)),
        volumes: space.volumes,
        move,
        passive: space.passive,
        most: volume * space.size,
      });
      const change = next.reduce((most, to, e) => Math.max(most, Math.abs(to - at(x, e))), 0);
      x = next;
      densities = numbersOf(physical(tensor(x)));
      history.push(value.item());
      options.onIteration?.({
        iteration: history.length,
        compliance: value.item(),
        volume: dot(space.volumes, x) / space.size,
        change,
        densities,
      });
      if (change <= tolerance) return end('converged');
      if (history.length >= maxIterations) return end('maxIterations');
    }
  } catch (error) {
    if (signal?.aborted) return end('aborted');
    throw error;
  }
}

function numbersOf(x: Tensor): Float64Array {
  return x.read((data) => Float64Array.from(data));
}

function check(what: string, value: number, holds: (x: number) => boolean, wanted: string): void {
  if (holds(value)) return;
  throw new RangeError(`topologyOptimization: ${what} is ${value}; give ${wanted}.`);
}
