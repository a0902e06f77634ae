import { relu, sign, type Tensor, type TensorLike, tree, where } from '@grad/core';
import type { Step } from '@grad/nn';
import { checkSize } from '../check.ts';
import { asBatch, type TargetOptions } from '../model.ts';
import type { Network } from '../network.ts';
import { throughBranches } from './branches.ts';
import { goBack, joinOf, pull, ratio } from './go-back.ts';
import { seed } from './seed.ts';

/** Options of `lrp`. */
export interface LrpOptions extends TargetOptions {
  /** Added to the size of each denominator; 1e-9 when left out. */
  readonly epsilon?: number;
  /**
   * How much more positive weights count in dense layers and convolutions; 0 when left out, which is the
   * epsilon rule. The gamma rule is meant for layers whose inputs are not negative.
   */
  readonly gamma?: number;
}

/**
 * Layer-wise relevance propagation: the score is divided among the inputs of each layer in the ratio of
 * their contributions, and what the bias contributed stays there.
 *
 * @returns relevance, of the shape of x
 * @throws what `saliency` throws; TypeError when the model was not made by `network`; RangeError when epsilon
 *   or gamma is negative.
 * @see G. Montavon et al., Layer-wise relevance propagation: an overview, in Explainable AI, LNCS 11700 (2019).
 */
export function lrp(model: Network, x: TensorLike, options: LrpOptions = {}): Tensor {
  const { epsilon = 1e-9, gamma = 0 } = options;
  checkSize('lrp', 'epsilon', epsilon);
  checkSize('lrp', 'gamma', gamma);
  const made = asBatch('lrp', x);
  const { steps, back } = seed('lrp', model, made, options);
  const share = (relevance: Tensor, z: Tensor): Tensor =>
    ratio(relevance, z.add(where(z.eq(0), 1, sign(z)).mul(epsilon)));

  const rule = (step: Step, relevance: Tensor): Tensor => {
    const { input, output, layer } = step;
    if (step.branches.length > 0) {
      const isSum = joinOf(step).combine === 'add';
      return throughBranches(step, relevance, (branch, part) => {
        const own = branch.at(-1)?.output ?? input;
        return goBack(branch, isSum ? own.mul(share(part, output)) : part, rule);
      });
    }
    if (layer.form === 'elementwise') return relevance;
    if (layer.form === 'maximum') return pull(step.apply, input, relevance);
    const apply = layer.form === 'affine' ? strengthened(step, gamma) : step.apply;
    return input.mul(pull(apply, input, share(relevance, apply(input))));
  };
  return goBack(steps, back.mul(steps.at(-1)?.output ?? made), rule);
}

const weighted = ['dense', 'conv1d', 'conv2d', 'convTranspose2d'];

/** The layer with w + gamma max(w, 0) for its parameters. */
function strengthened({ layer, params, apply }: Step, gamma: number): (x: Tensor) => Tensor {
  if (gamma === 0 || !weighted.includes(layer.kind)) return apply;
  const raised = tree.map((w) => w.add(relu(w).mul(gamma)), params);
  return (x) => layer.apply(raised, x);
}
