import { maximum, type Tensor, type TensorLike, zeros } from '@grad/core';
import type { Step } from '@grad/nn';
import { asBatch, baselineOf, rowSums, type TargetOptions } from '../model.ts';
import type { Network } from '../network.ts';
import { throughBranches } from './branches.ts';
import { byGradient, pull, ratio, stepsOf } from './go-back.ts';
import type { CompleteAttribution } from './gradients.ts';
import { gaussLegendreNodes } from './quadrature.ts';
import { seed } from './seed.ts';

/** Options of `deepLift`. */
export interface DeepLiftOptions extends TargetOptions {
  /** What x is compared with; broadcast to x; 0 when left out. */
  readonly baseline?: TensorLike;
}

/**
 * DeepLIFT with the rescale rule: differences from a baseline are sent back, through an elementwise layer by
 * the ratio of its differences. Layers of maxima give theirs to the places where the maxima are. For layers
 * of no known form, such as `layerNorm`, the slope is averaged along the straight path (16 nodes).
 *
 * @throws what `saliency` throws; TypeError when the model was not made by `network`.
 * @see A. Shrikumar, P. Greenside and A. Kundaje, arXiv:1704.02685, section 3.5.1.
 */
export function deepLift(
  model: Network,
  x: TensorLike,
  options: DeepLiftOptions = {},
): CompleteAttribution {
  const made = asBatch('deepLift', x);
  const from = baselineOf('deepLift', made, options.baseline ?? 0);
  const { steps, back, pick } = seed('deepLift', model, made, options);
  const reference = stepsOf('deepLift', model, from);
  const attribution = made.sub(from).mul(rescaled(steps, reference, back));
  const gained = pick(steps.at(-1)?.output ?? made).sub(pick(reference.at(-1)?.output ?? from));
  return { attribution, delta: rowSums(attribution).sub(gained) };
}

function rescaled(steps: readonly Step[], reference: readonly Step[], back: Tensor): Tensor {
  return steps.reduceRight((arrived, step, i) => {
    const other = reference[i];
    return other ? multiplier(step, other, arrived) : arrived;
  }, back);
}

function multiplier(step: Step, other: Step, back: Tensor): Tensor {
  if (step.branches.length > 0) {
    return throughBranches(step, back, (branch, part, i) =>
      rescaled(branch, other.branches[i] ?? [], part),
    );
  }
  const way = step.input.sub(other.input);
  switch (step.layer.form) {
    case 'affine':
      return byGradient(step, back);
    case 'elementwise':
      return ratio(back.mul(step.output.sub(other.output)), way, byGradient(step, back));
    case 'maximum': {
      // What is above both maxima's lower one belongs to the place of x's maximum, the rest to the other's.
      const top = maximum(step.output, other.output);
      const here = pull(step.apply, step.input, back.mul(top.sub(other.output)));
      const there = pull(step.apply, other.input, back.mul(step.output.sub(top)));
      return ratio(here.add(there), way);
    }
    default:
      return gaussLegendreNodes(16).reduce(
        (sum, { node, weight }) =>
          sum.add(pull(step.apply, other.input.add(way.mul(node)), back).mul(weight)),
        zeros(step.input.shape, { dtype: step.input.dtype }),
      );
  }
}
