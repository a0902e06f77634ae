import { logSoftmax, softmax, type Tensor } from '@grad/core';
import { type AnyLayer, type Empty, type Layer, stateless } from './layer.ts';
import { asInput } from './operands.ts';

/** A function of a tensor as a layer. */
export interface Activation extends Layer {
  readonly kind: 'activation';
  /** The function, by which one activation is told from another: `layer.f === relu`. */
  readonly f: (x: Tensor) => Tensor;
}

/**
 * A function, such as core's `relu`, as a layer without parameters. It is taken to act elementwise,
 * except for `softmax` and `logSoftmax`.
 *
 * @throws TypeError when f is no function.
 */
export function activation(f: (x: Tensor) => Tensor): Activation {
  if (typeof f !== 'function') {
    throw new TypeError(
      `activation: takes a function such as relu of @grad/core; it is ${typeof f}.`,
    );
  }
  const along = f === softmax || f === logSoftmax;
  return stateless<Empty, Pick<Activation, 'kind' | 'form' | 'f'>>({
    kind: 'activation',
    form: along ? 'other' : 'elementwise',
    f,
    init: () => ({}),
    apply: (_params, x) => f(asInput(x)),
  });
}

/** Whether a layer was made by `activation`. */
export function isActivation(layer: AnyLayer): layer is Activation {
  return layer.kind === 'activation';
}
