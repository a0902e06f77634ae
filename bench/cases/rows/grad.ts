import { grad, jit, type Tensor, vmap } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import type { Prepare } from '../../src/suite.ts';

const row = (a: Tensor, b: Tensor): Tensor => a.mul(a.dot(b)).div(a.dot(a).add(1).sqrt()).add(b);

export const prepare: Prepare = (inputs, { of }) => {
  const slope = grad((a: Tensor, b: Tensor) => row(a, b).square().sum(), { argnums: [0, 1] });
  const [a, b] = [given(inputs, 'a'), given(inputs, 'b')];
  const f = of === 'gradient' ? jit(vmap(slope)) : jit(vmap(row));
  return calling(() => f(a, b));
};
