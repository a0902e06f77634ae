import { grad, jit, lax, numpy as np } from '@jax-js/jax';
import { calling, given } from '../../src/peers/start-jax-js.ts';
import type { Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const padding = options['padding'] === 'same' ? 'SAME' : 'VALID';
  const apply = (x: np.Array, w: np.Array) => lax.conv(x, w, [1, 1], padding);
  const loss = (x: np.Array, w: np.Array) => np.square(apply(x, w)).sum();
  const gradient = { value: apply, x: grad(loss, { argnums: 0 }), w: grad(loss, { argnums: 1 }) };
  const of = options['of'];
  const f = jit(of === 'x' || of === 'w' ? gradient[of] : apply);
  const [x, w] = [given(inputs, 'x'), given(inputs, 'w')];
  return calling(() => f(x.ref, w.ref));
};
