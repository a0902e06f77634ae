import { ShapeError } from '@grad/core';
import { type Empty, type Layer, stateless } from './layer.ts';
import { asInput } from './operands.ts';

/** All axes after the first as one: `[batch, ...]` becomes `[batch, features]`, row-major. */
export function flatten(): Layer {
  return stateless<Empty, object>({
    kind: 'flatten',
    form: 'affine',
    init: () => ({}),
    apply: (_params, x) => {
      const made = asInput(x);
      const [batch, ...rest] = made.shape;
      if (batch === undefined) {
        throw new ShapeError('flatten: x is a scalar; an axis of the batch is needed.');
      }
      return made.reshape([batch, rest.reduce((n, extent) => n * extent, 1)]);
    },
  });
}

/** x as it is: the way around the body of a `residual`. */
export function identity(): Layer {
  return stateless<Empty, object>({
    kind: 'identity',
    form: 'elementwise',
    init: () => ({}),
    apply: (_params, x) => asInput(x),
  });
}
