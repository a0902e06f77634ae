import { jit, type Tensor } from '@grad/core';
import { infidelity, insertionDeletion, type Network } from '@grad/vision';
import type { Listing } from '../../job.ts';
import type { Explanation } from './explain.ts';

/** How well each method has found what matters in an image `[1, 1, height, width]`. */
export function judge(
  model: Network,
  image: Tensor,
  explanations: readonly Explanation[],
  target: number,
): Listing {
  const measured = jit((x: Tensor, map: Tensor) => {
    const { insertion, deletion } = insertionDeletion(model, x, map, { target });
    const wrong = infidelity(model, x, map, { target, rescale: true });
    return [insertion.area, deletion.area, wrong] as const;
  });
  return {
    title: 'What the attributions are worth',
    columns: [
      'method',
      'area of insertion, of 1',
      'of deletion, of 0',
      'infidelity to noise of 0.2, rescaled',
    ],
    rows: explanations.map(({ method, map }) => [
      method,
      ...measured(image, map.reshape(image.shape)).map((value) => value.item().toFixed(3)),
    ]),
  };
}
