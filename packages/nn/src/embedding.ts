import { DTypeError, isTensor, type Tensor, take, tensor } from '@grad/core';
import { normal } from './initializers/distributions.ts';
import type { Initializer } from './initializers/fans.ts';
import { type Layer, stateless } from './layer.ts';
import { checkCount, type FloatDType, parameter } from './operands.ts';

/** How a table starts. */
export interface EmbeddingOptions {
  /** float32 when left out. */
  readonly dtype?: FloatDType;
  /** `normal()` when left out. */
  readonly weightInit?: Initializer;
}

/** One row of features for each entry of a vocabulary. */
export interface EmbeddingParams {
  /** Shape `[count, features]`. */
  readonly weight: Tensor;
}

/**
 * Rows of a table: whole numbers of shape `[...]`, each in `[0, count)`, give `[..., features]`. One
 * outside is an error when the call runs.
 *
 * @throws RangeError when a size is no whole number of 1 or more.
 */
export function embedding(
  count: number,
  features: number,
  { dtype = 'float32', weightInit = normal() }: EmbeddingOptions = {},
): Layer<EmbeddingParams> {
  checkCount('embedding', 'the number of entries', count);
  checkCount('embedding', 'the number of features', features);
  return stateless<EmbeddingParams, object>({
    kind: 'embedding',
    form: 'other',
    init: (key) => ({ weight: weightInit(key, [count, features], { dtype }) }),
    apply: (params, x) => {
      const weight = parameter('embedding', params, 'weight', [count, features]);
      const rows = isTensor(x) || ArrayBuffer.isView(x) ? tensor(x) : tensor(x, { dtype: 'int32' });
      if (rows.dtype !== 'int32') {
        throw new DTypeError(
          `embedding: x is ${rows.dtype}; entries are whole numbers of dtype int32. Use x.astype('int32').`,
        );
      }
      return take(weight, rows);
    },
  });
}
