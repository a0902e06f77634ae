import { grad, jit, type Tensor, type Traced, tree } from '@grad/core';
import { checkCount } from '../check.ts';
import { checkRate, smallestRemoved } from './magnitude-prune.ts';

/** Options of `synflow`. */
export interface SynflowOptions {
  /** Share of the weights that is kept, in (0, 1]. */
  readonly density: number;
  /** Prunings, each of the same share of what is left; 100 when left out. */
  readonly rounds?: number;
}

/**
 * How much of what flows through a network goes through each weight: with every weight replaced by its size, the
 * weight times the derivative of the sum of all outputs, `|w| dR/d|w|`. Where activations are relu and there are
 * no biases, what comes into a unit is what goes out of it, and each layer has the same sum, R.
 *
 * @param output the network's output for an input of ones, as a function of its weights, which it is given in
 *   float64: `(w) => model.apply(w, ones([1, 784]))`
 * @param weights tree of tensors, before training; leave biases out
 * @returns scores of 0 or more, float64, in the structure of the weights
 * @see H. Tanaka et al., Pruning neural networks without any data by iteratively conserving synaptic flow,
 *   arXiv:2006.05467, equation (2) and theorem 1.
 */
export function synapticFlow<const W>(
  output: (weights: Traced<W>) => Tensor,
  weights: W,
): Traced<W> {
  return flowOf(output, weights, weights);
}

/** The same at values in the structure of the weights. */
function flowOf<const W>(
  output: (weights: Traced<W>) => Tensor,
  weights: W,
  values: unknown,
): Traced<W> {
  const sizes: unknown = tree.map((w) => w.astype('float64').abs(), values);
  const slopes: unknown = grad((at: unknown) => output(like(weights, at)).sum())(sizes);
  return tree.map((w, size = w, slope = w) => size.mul(slope), weights, sizes, slopes);
}

function like<W>(weights: W, values: unknown): Traced<W> {
  return tree.map((w, value = w) => value, weights, values);
}

/**
 * A mask found without data, before training: the weights with the least synaptic flow are removed, a few at a
 * time, and the flow is found anew each time. What flows is conserved, so no layer is emptied while others have
 * weights to spare.
 *
 * @param output see `synapticFlow`
 * @param weights tree of tensors, before training; leave biases out
 * @returns 0 and 1, in the structure and dtypes of the weights
 * @throws RangeError when density is not in (0, 1] or rounds is no whole number of 1 or more, or when the flow
 *   is not finite or 0 everywhere.
 * @see algorithm 1 of arXiv:2006.05467.
 */
export function synflow<const W>(
  output: (weights: Traced<W>) => Tensor,
  weights: W,
  options: SynflowOptions,
): Traced<W> {
  const { density, rounds = 100 } = options;
  checkCount('synflow', 'rounds', rounds);
  checkRate('synflow', density, 'density');
  if (density === 0) throw new RangeError('synflow: density is 0; it must be in (0, 1].');
  const flow = jit((at: unknown) => flowOf(output, weights, at));
  const all = tree.leaves(weights).reduce((sum, { size }) => sum + size, 0);
  let mask: Traced<W> = tree.map((w) => w.mul(0).add(1), weights);
  let left = all;
  for (let round = 1; round <= rounds; round++) {
    const masked = tree.map((w, m = w) => w.mul(m), weights, mask);
    const values = flow(masked);
    checkFlow(values);
    const goal = Math.round(all * density ** (round / rounds));
    mask = smallestRemoved(weights, {
      values,
      kept: mask,
      rate: left === 0 ? 0 : 1 - goal / left,
      scope: 'global',
    });
    left = goal;
  }
  return mask;
}

function checkFlow(values: unknown): void {
  const total = tree.leaves(values).reduce((sum, s) => sum + s.sum().item(), 0);
  if (Number.isFinite(total) && total > 0) return;
  throw new RangeError(
    `synflow: the synaptic flow is ${total} in all; it must be finite and above 0. Are there weights in every layer, and does output() use the weights that it is given, with an input of ones?`,
  );
}
