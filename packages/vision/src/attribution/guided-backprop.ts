import { relu, type Tensor, type TensorLike } from '@grad/core';
import { isActivation, type Step } from '@grad/nn';
import { asBatch, type TargetOptions } from '../model.ts';
import type { Network } from '../network.ts';
import { throughBranches } from './branches.ts';
import { byGradient, goBack } from './go-back.ts';
import { seed } from './seed.ts';

/**
 * Saliency in which a relu lets only positive slopes back. It shows edges more than reasons: see the sanity
 * checks of Adebayo et al., arXiv:1810.03292.
 *
 * @throws what `saliency` throws; TypeError when the model was not made by `network`.
 * @see J. Springenberg et al., Striving for simplicity, arXiv:1412.6806.
 */
export function guidedBackprop(model: Network, x: TensorLike, options: TargetOptions = {}): Tensor {
  const { steps, back } = seed('guidedBackprop', model, asBatch('guidedBackprop', x), options);
  return goBack(steps, back, guided);
}

function guided(step: Step, back: Tensor): Tensor {
  if (step.branches.length > 0) {
    return throughBranches(step, back, (branch, part) => goBack(branch, part, guided));
  }
  const isRelu = isActivation(step.layer) && step.layer.f === relu;
  return byGradient(step, isRelu ? relu(back) : back);
}
