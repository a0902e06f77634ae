import { jit, type Tensor } from '@grad/core';
import {
  deepLift,
  gradCam,
  gradTimesInput,
  guidedBackprop,
  integratedGradients,
  lrp,
  type Network,
  occlusion,
  saliency,
  smoothGrad,
} from '@grad/vision';
import { lastMaps } from './classifier.ts';

/** What one method says about one image. */
export interface Explanation {
  readonly method: string;
  /** `[height, width]`. */
  readonly map: Tensor;
}

/** All attributions of one image `[1, 1, height, width]`. */
export function explain(model: Network, image: Tensor): readonly Explanation[] {
  const [, , height = 0, width = 0] = image.shape;
  const methods: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
    ['saliency', (x) => saliency(model, x)],
    ['gradient times input', (x) => gradTimesInput(model, x)],
    ['integrated gradients', (x) => integratedGradients(model, x).attribution],
    ['SmoothGrad', (x) => smoothGrad(model, x)],
    ['guided backpropagation', (x) => guidedBackprop(model, x)],
    ['Grad-CAM', (x) => gradCam(model, lastMaps, x)],
    ['DeepLIFT', (x) => deepLift(model, x).attribution],
    ['LRP', (x) => lrp(model, x, { epsilon: 1e-3 })],
    ['occlusion', (x) => occlusion(model, x, { window: [4, 4], stride: [2, 2] })],
  ];
  return methods.map(([method, attribute]) => ({
    method,
    map: jit(attribute)(image).reshape([height, width]),
  }));
}
