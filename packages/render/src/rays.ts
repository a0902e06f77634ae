import { arange, broadcastTo, ones, stack, type Tensor } from '@grad/core';
import type { Camera } from './camera.ts';
import { normalized, transformedBack } from './vectors.ts';

/** Half-lines: where they begin and where they go, `[..., 3]`, of length 1. */
export interface Rays {
  readonly origins: Tensor;
  readonly directions: Tensor;
}

/**
 * The rays through the middles of all pixels.
 *
 * @returns origins and directions `[height, width, 3]`
 */
export function cameraRays(camera: Camera): Rays {
  const directions = normalized(pixelVectors(camera));
  return { origins: broadcastTo(camera.position, directions.shape), directions };
}

/** Vectors `[height, width, 3]` in the world from the eye to pixels, with depth 1 each. */
export function pixelVectors({ focal, center, rotation, width, height }: Camera): Tensor {
  const x = arange(width).add(0.5).sub(center.at(0)).div(focal.at(0));
  const y = arange(height).add(0.5).sub(center.at(1)).div(focal.at(1));
  const shape = [height, width];
  const seen = stack([broadcastTo(x, shape), broadcastTo(y.expandDims(1), shape), ones(shape)], {
    axis: -1,
  });
  return transformedBack(rotation, seen);
}
