import { exp, jit, log, sin, type Tensor, tanh } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import type { Prepare } from '../../src/suite.ts';

const chains: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  arithmetic: (x, y) => x.mul(y).add(x).mul(y.sub(0.5)).add(x.mul(x)),
  exp: (x, y) => exp(x.neg().mul(x)).mul(y),
  log: (x, y) => log(x.add(1.5)).mul(y),
  sin: (x, y) => sin(x.mul(3)).add(y),
  tanh: (x, y) => tanh(x.add(y)),
  all: (x, y) => tanh(sin(x).mul(log(exp(y).add(1.5)))),
};

export const prepare: Prepare = (inputs, { chain, keep }) => {
  const f = chains[`${chain}`];
  if (!f) return null;
  const [compiled, x, y] = [jit(f), given(inputs, 'x'), given(inputs, 'y')];
  return calling(() => compiled(x, y), { keep: keep === true });
};
