import { type Tensor, vjp, where } from '@grad/core';
import type { AnyLayer, Step } from '@grad/nn';
import type { Network } from '../network.ts';

/** What one layer makes of what comes back to it. */
export type BackwardRule = (step: Step, back: Tensor) => Tensor;

/** The product of a vector with the Jacobian of a layer at its input. */
export const byGradient: BackwardRule = (step, back) => pull(step.apply, step.input, back);

/** The product of a vector with the Jacobian of f at x. */
export function pull(f: (x: Tensor) => Tensor, x: Tensor, back: Tensor): Tensor {
  const [, pullback] = vjp(f, x);
  return pullback(back)[0];
}

/** a / b, and `otherwise` where b is 0. */
export function ratio(a: Tensor, b: Tensor, otherwise: Tensor | number = 0): Tensor {
  const isZero = b.eq(0);
  return where(isZero, otherwise, a.div(where(isZero, 1, b)));
}

/** Goes back over steps from the last to the first. */
export function goBack(steps: readonly Step[], back: Tensor, rule: BackwardRule): Tensor {
  return steps.reduceRight((arrived, step) => rule(step, arrived), back);
}

/** The steps of x, which only a network has. */
export function stepsOf(name: string, model: Network, x: Tensor): readonly Step[] {
  if (typeof model === 'function' && 'steps' in model) return model.steps(x);
  throw new TypeError(
    `${name}: needs the layers of the model, and this is a function. Make it by network(model, params) of layers of @grad/nn.`,
  );
}

/** How the results of the branches of a step come together, where it has any. */
export function joinOf({ layer }: Step): { combine: 'add' | 'concatenate'; axis: number } {
  return isParallel(layer) ? layer : { combine: 'add', axis: 1 };
}

function isParallel(
  layer: AnyLayer,
): layer is AnyLayer & { combine: 'add' | 'concatenate'; axis: number } {
  return layer.kind === 'parallel' && 'combine' in layer && 'axis' in layer;
}
