import { conv, grad, jit, type Tensor } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import type { Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const padding = options['padding'] === 'same' ? 'same' : 'valid';
  const apply = (x: Tensor, w: Tensor) => conv(x, w, { padding });
  const loss = (x: Tensor, w: Tensor) => apply(x, w).square().sum();
  const [x, w] = [given(inputs, 'x'), given(inputs, 'w')];
  const f = jit(
    options['of'] === 'value' ? apply : grad(loss, { argnums: options['of'] === 'x' ? 0 : 1 }),
  );
  return calling(() => f(x, w));
};
