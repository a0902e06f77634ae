import { arange, broadcastTo, random, type Tensor, type TensorLike, tensor } from '@grad/core';
import { checkCount, checkLast, checkOptions, knownValues } from './check.ts';
import { type Composite, composite } from './composite.ts';
import type { Rays } from './rays.ts';

/** Density `[..., n]` and color `[..., n, channels]` at points `[..., n, 3]` seen along directions of that shape. */
export type VolumeField = (
  points: Tensor,
  directions: Tensor,
) => { readonly density: Tensor; readonly color: Tensor };

/** How rays go through a volume. */
export interface RenderVolumeOptions {
  /** Distance along rays where the volume begins, a number or `[...]`. */
  readonly near: TensorLike;
  /** Distance where it ends. */
  readonly far: TensorLike;
  /** Number of intervals of equal length, 64 when left out. */
  readonly samples?: number;
  /**
   * Draws a point in each interval (stratified sampling), so that training sees the field everywhere; middles of
   * intervals when left out.
   */
  readonly key?: Tensor;
  /** What is seen where the volume is clear, a number or `[channels]`; 0 when left out. */
  readonly background?: TensorLike;
}

/** A picture of a volume. */
export interface VolumeImage extends Composite {
  /** Distances along the rays at which the field was asked, `[..., n]`. */
  readonly distances: Tensor;
}

/**
 * What rays see of a glowing, absorbing volume: its field is asked at one point of each of `samples` intervals
 * and taken to be constant on them.
 *
 * @param field of shapes `[..., n]` and `[..., n, channels]`
 * @param rays origins and directions `[..., 3]`, as of `cameraRays`
 * @throws RangeError when `near` is below 0 or not less than `far`, or there are no samples.
 * @see composite; Mildenhall et al., NeRF, ECCV 2020, equation 2, on stratified sampling.
 */
export function renderVolume(
  field: VolumeField,
  { origins, directions }: Rays,
  options: RenderVolumeOptions,
): VolumeImage {
  checkOptions('renderVolume', options, ['near', 'far', 'samples', 'key', 'background']);
  const { samples = 64, key } = options;
  checkCount('renderVolume', 'samples', samples);
  checkLast('renderVolume', 'the origins', origins);
  checkLast('renderVolume', 'the directions', directions);
  const { dtype } = directions;
  const [near, far] = [tensor(options.near).astype(dtype), tensor(options.far).astype(dtype)];
  checkRange(near, far);
  const lead = directions.shape.slice(0, -1);
  const width = far.sub(near).div(samples).expandDims(-1);
  const inside = key
    ? random.uniform(key, [...lead, samples], { dtype: dtype === 'float32' ? dtype : 'float64' })
    : 0.5;
  const steps = arange(samples).astype(dtype).add(inside);
  const distances = broadcastTo(near.expandDims(-1).add(steps.mul(width)), [...lead, samples]);
  const along = directions.expandDims(-2);
  const points = origins.expandDims(-2).add(along.mul(distances.expandDims(-1)));
  const { density, color } = field(points, broadcastTo(along, points.shape));
  const seen = composite(density, color, width);
  if (options.background === undefined) return { ...seen, distances };
  const clear = seen.opacity.neg().add(1).expandDims(-1);
  const background = tensor(options.background).astype(dtype);
  return { ...seen, color: seen.color.add(clear.mul(background)), distances };
}

function checkRange(near: Tensor, far: Tensor): void {
  const [from, to] = [knownValues(near), knownValues(far)];
  if (!from || !to) return;
  for (let i = 0; i < Math.max(from.length, to.length); i++) {
    const [a = 0, b = 0] = [from[from.length === 1 ? 0 : i], to[to.length === 1 ? 0 : i]];
    if (a >= 0 && a < b && Number.isFinite(b)) continue;
    throw new RangeError(
      `renderVolume: near is ${a} and far is ${b}; 0 <= near < far is needed, both finite.`,
    );
  }
}
