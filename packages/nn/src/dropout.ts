import { isTensor, random, where } from '@grad/core';
import type { Layer } from './layer.ts';
import { asInput } from './operands.ts';

/**
 * In training each element is 0 with probability `rate`, and divided by 1 - rate otherwise, so that its
 * mean stays; `apply` gives x as it is. `train` needs a key, and another one in each step.
 *
 * @throws RangeError when the rate is not in [0, 1).
 * @see Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout, JMLR 15 (2014) 1929-1958.
 */
export function dropout(rate: number): Layer {
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`dropout: the rate is ${rate}; it must be at least 0 and less than 1.`);
  }
  return {
    kind: 'dropout',
    form: 'elementwise',
    init: () => ({}),
    initState: () => ({}),
    apply: (_params, x) => asInput(x),
    train: (_params, x, { key } = {}) => {
      const made = asInput(x);
      if (rate === 0) return [made, {}];
      if (!isTensor(key)) {
        throw new TypeError(
          'dropout: the key is missing. Train with train(params, x, { key }), where key is another one in each step, such as random.foldIn(key, step).',
        );
      }
      const kept = random.uniform(key, made.shape, { dtype: 'float32' }).ge(rate);
      return [where(kept, made.mul(1 / (1 - rate)), 0), {}];
    },
  };
}
