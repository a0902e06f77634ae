import { relu, ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';
import { asBatch, type TargetOptions } from '../model.ts';
import type { Network } from '../network.ts';
import { byGradient, goBack } from './go-back.ts';
import { seed } from './seed.ts';

/** Options of `gradCam`. */
export interface GradCamOptions extends TargetOptions {
  /** Whether the map is that of the layer, and not enlarged to the size of x; it is enlarged when left out. */
  readonly raw?: boolean;
}

/**
 * Where a layer of features sees what speaks for the target: its channels, weighted by the means of their
 * slopes, added, without what is negative; equations (1) and (2) of the paper.
 *
 * @param layer name of a layer whose result is `[n, channels, height, width]`, such as `conv2`
 * @returns `[n, height, width]`
 * @throws what `saliency` throws; TypeError when the model was not made by `network`, RangeError when it has
 *   no such layer, ShapeError when that layer gives no maps.
 * @see R. Selvaraju et al., Grad-CAM, arXiv:1610.02391.
 */
export function gradCam(
  model: Network,
  layer: string,
  x: TensorLike,
  options: GradCamOptions = {},
): Tensor {
  const made = asBatch('gradCam', x);
  const { steps, back } = seed('gradCam', model, made, options);
  const place = steps.findIndex(({ name }) => name === layer);
  const features = steps[place]?.output;
  if (!features) {
    const names = steps.map(({ name }) => name).join(', ');
    throw new RangeError(`gradCam: there is no layer '${layer}'; there are ${names}.`);
  }
  const [, , height = 0, width = 0] = features.shape;
  if (features.ndim !== 4) {
    throw new ShapeError(
      `gradCam: layer '${layer}' gives [${features.shape.join(', ')}]; it must give maps, [n, channels, height, width].`,
    );
  }
  const slope = goBack(steps.slice(place + 1), back, byGradient);
  const weights = slope.mean({ axis: [2, 3], keepdims: true });
  const map = relu(features.mul(weights).sum({ axis: 1 }));
  if (options.raw === true) return map;
  const rows = interpolation(height, made.shape.at(-2) ?? height).astype(map.dtype);
  const columns = interpolation(width, made.shape.at(-1) ?? width).astype(map.dtype);
  return rows.matmul(map).matmul(columns.transpose());
}

/** Linear interpolation between the middles of cells, as a matrix `[to, from]`. */
function interpolation(from: number, to: number): Tensor {
  const matrix = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.min(Math.floor(at), Math.max(from - 2, 0));
    const share = at - low;
    matrix[i * from + low] = 1 - share;
    if (share > 0) matrix[i * from + low + 1] = share;
  }
  return tensor(matrix).reshape([to, from]);
}
