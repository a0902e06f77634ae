import { concatenate, max, ShapeError, stack, type Tensor } from '@grad/core';
import { checkChoice, checkOptions } from './check.ts';

/**
 * What all layers gave at each node, together: side by side, or the elementwise maximum, so that each node
 * can take what it needs from near or from far.
 *
 * @param layers numbers at the nodes behind each layer, `[N, k]`; of one shape for `max`
 * @returns `[N, sum of k]` for `concatenate`, which is meant when left out, or `[N, k]` for `max`
 * @throws RangeError when there are no layers; ShapeError when shapes do not fit.
 * @see K. Xu et al., Representation Learning on Graphs with Jumping Knowledge Networks (2018).
 */
export function jumpingKnowledge(
  layers: readonly Tensor[],
  options: { readonly mode?: 'concatenate' | 'max' } = {},
): Tensor {
  checkOptions('jumpingKnowledge', options, ['mode']);
  const { mode = 'concatenate' } = options;
  checkChoice('jumpingKnowledge', 'the mode', mode, ['concatenate', 'max']);
  const [first] = layers;
  if (first === undefined) throw new RangeError('jumpingKnowledge: give one layer or more.');
  layers.forEach((layer, l) => {
    const fits =
      layer.ndim === 2 &&
      layer.shape[0] === first.shape[0] &&
      (mode === 'concatenate' || layer.shape[1] === first.shape[1]);
    if (fits) return;
    throw new ShapeError(
      `jumpingKnowledge: layer ${l} has shape [${layer.shape.join(', ')}], the first one [${first.shape.join(', ')}].`,
    );
  });
  return mode === 'max'
    ? max(stack([...layers]), { axis: 0 })
    : concatenate([...layers], { axis: 1 });
}
