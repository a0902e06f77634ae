import { jit, numpy as np } from '@jax-js/jax';
import { calling, given } from '../../src/peers/start-jax-js.ts';
import type { Prepare } from '../../src/suite.ts';

const chains: Readonly<Record<string, (x: np.Array, y: np.Array) => np.Array>> = {
  arithmetic: (x, y) => x.ref.mul(y.ref).add(x.ref).mul(y.sub(0.5)).add(x.ref.mul(x)),
  exp: (x, y) => np.exp(x.ref.neg().mul(x)).mul(y),
  log: (x, y) => np.log(x.add(1.5)).mul(y),
  sin: (x, y) => np.sin(x.mul(3)).add(y),
  tanh: (x, y) => np.tanh(x.add(y)),
  all: (x, y) => np.tanh(np.sin(x).mul(np.log(np.exp(y).add(1.5)))),
};

export const prepare: Prepare = (inputs, { chain }) => {
  const f = chains[`${chain}`];
  if (!f) return null;
  const [compiled, x, y] = [jit(f), given(inputs, 'x'), given(inputs, 'y')];
  return calling(() => compiled(x.ref, y.ref));
};
