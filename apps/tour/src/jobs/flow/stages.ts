import { jit, random, type Tensor, tensor } from '@grad/core';
import { flow, type Weights } from './model.ts';

/** Half the edge of the square that is drawn. */
export const reach = 4;
const cells = 48;

/** A flow at some time of its training. */
export interface Stage {
  readonly step: number;
  /** Squares of the picture with their densities. */
  readonly density: readonly Square[];
  readonly samples: readonly (readonly number[])[];
  /** The density summed over the square: 1 but for what lies outside. */
  readonly mass: number;
}

export interface Square {
  readonly x: number;
  readonly y: number;
  readonly density: number;
}

/** Edge of a square. */
export const squareSize = (2 * reach) / cells;

const centers = Array.from({ length: cells }, (_, k) => -reach + (k + 0.5) * squareSize);
const grid = centers.flatMap((y) => centers.map((x) => [x, y]));

const densities = jit(
  (weights: Weights, points: Tensor): Tensor => flow.logDensity(weights, points).exp(),
);
const samplesOf = jit((weights: Weights, key: Tensor): Tensor => flow.sample(weights, key, 400));

/** Looks at a flow. */
export async function stageOf(weights: Weights, step: number, signal: AbortSignal): Promise<Stage> {
  const density = await densities.async([weights, tensor(grid)], { signal });
  const samples = await samplesOf.async([weights, random.key(11)], { signal });
  const values = density.dataSync();
  const points = samples.dataSync();
  return {
    step,
    density: grid.map(([x = 0, y = 0], k) => ({ x, y, density: values[k] ?? 0 })),
    samples: Array.from({ length: samples.shape[0] ?? 0 }, (_, k) => [
      points[2 * k] ?? 0,
      points[2 * k + 1] ?? 0,
    ]),
    mass: density.sum().item() * squareSize ** 2,
  };
}
