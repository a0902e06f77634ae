import { random, stack, type Tensor, tensor } from '@grad/core';

/** Points in the plane, and which set each belongs to. */
export interface LabelledPoints {
  /** float64 `[n, 2]` (`blobs`: `[n, d]`) */
  readonly points: Tensor;
  /** int32 `[n]`; sets take turns, so that they are of equal size. */
  readonly labels: Tensor;
}

/** Options of drawn points. */
export interface PointOptions {
  /** Standard deviation of what is added to each coordinate. */
  readonly noise?: number;
}

/**
 * Two half circles of radius 1 that reach into each other: one about (0, 0), one about (1, 1/2) upside
 * down. A line cannot part them.
 */
export function twoMoons(
  key: Tensor,
  n: number,
  { noise = 0.1 }: PointOptions = {},
): LabelledPoints {
  checkCount('twoMoons', n);
  const [forAngle, forNoise] = random.split(key);
  const labels = turns(n, 2);
  const angle = random.uniform(forAngle, [n], { high: Math.PI });
  const flip = labels.mul(-2).add(1);
  const x = angle.cos().mul(flip).add(labels);
  const y = angle.sin().mul(flip).add(labels.mul(0.5));
  return { points: stack([x, y], { axis: 1 }).add(noiseOf(forNoise, [n, 2], noise)), labels };
}

/** Options of `spirals`. */
export interface SpiralOptions extends PointOptions {
  /** How many spirals there are, 2 unless said otherwise. */
  readonly arms?: number;
  /** How often each goes around, 1.5 unless said otherwise. */
  readonly turns?: number;
}

/**
 * Spirals (of Archimedes) that wind around each other from the center to radius 1 (K. J. Lang and
 * M. J. Witbrock, 1988).
 */
export function spirals(
  key: Tensor,
  n: number,
  { arms = 2, turns: around = 1.5, noise = 0.02 }: SpiralOptions = {},
): LabelledPoints {
  checkCount('spirals', n);
  const [forRadius, forNoise] = random.split(key);
  if (!Number.isInteger(arms) || arms < 1) {
    throw new RangeError(`spirals: arms must be a whole number >= 1; it is ${arms}.`);
  }
  const labels = turns(n, arms);
  const radius = random.uniform(forRadius, [n]).sqrt();
  const angle = radius.mul(2 * Math.PI * around).add(labels.mul((2 * Math.PI) / arms));
  const points = stack([radius.mul(angle.cos()), radius.mul(angle.sin())], { axis: 1 });
  return { points: points.add(noiseOf(forNoise, [n, 2], noise)), labels };
}

/** Options of `blobs`. */
export interface BlobOptions {
  /** Centers `[k, d]`; three on a circle of radius 3 unless said otherwise. */
  readonly centers?: readonly (readonly number[])[];
  /** Standard deviation of each coordinate about its center, 1 unless said otherwise. */
  readonly spread?: number;
}

const threeCenters = [0, 1, 2].map((i) => [
  3 * Math.cos((2 * Math.PI * i) / 3),
  3 * Math.sin((2 * Math.PI * i) / 3),
]);

/** Points that are normally distributed about centers. */
export function blobs(
  key: Tensor,
  n: number,
  { centers = threeCenters, spread = 1 }: BlobOptions = {},
): LabelledPoints {
  checkCount('blobs', n);
  const middle = tensor(centers);
  const [k = 0, d = 0] = middle.shape;
  if (middle.ndim !== 2 || middle.size === 0) {
    throw new RangeError(
      `blobs: centers are points of one dimension, [[x, y], ...]; they have the shape [${middle.shape.join(', ')}].`,
    );
  }
  const labels = turns(n, k);
  return { points: middle.take(labels).add(noiseOf(key, [n, d], spread)), labels };
}

function checkCount(name: string, n: number): void {
  if (Number.isInteger(n) && n >= 1) return;
  throw new RangeError(`${name}: n must be a whole number >= 1; it is ${n}.`);
}

function turns(n: number, sets: number): Tensor {
  return tensor(Int32Array.from({ length: n }, (_, i) => i % sets));
}

function noiseOf(key: Tensor, shape: readonly number[], size: number): Tensor {
  return random.normal(key, shape).mul(size);
}
