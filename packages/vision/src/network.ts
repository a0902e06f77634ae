import type { Tensor } from '@grad/core';
import { type Evaluation, type Layer, type Step, walk } from '@grad/nn';

/** A trained network as a function, which remembers its layers. */
export interface Network {
  (x: Tensor): Tensor;
  /** The layers that x goes through, as `walk` of `@grad/nn` has them. */
  steps(x: Tensor): readonly Step[];
}

/**
 * A network of `@grad/nn` with its parameters: a function of x for every method, and layers for those that
 * need them (`guidedBackprop`, `gradCam`, `deepLift`, `lrp`).
 */
export function network<P, S>(model: Layer<P, S>, params: P, options: Evaluation<S> = {}): Network {
  return Object.assign((x: Tensor) => model.apply(params, x, options), {
    steps: (x: Tensor) => walk(model, params, x, options),
  });
}
