import { lqr } from '../../../packages/control/src/index.ts';
import { eye, jit, type Tensor, valueAndGrad } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import type { Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs) => {
  const [A, B] = [given(inputs, 'A'), given(inputs, 'B')];
  const [states = 0, controls = 0] = B.shape;
  const cost = (a: Tensor): Tensor => lqr({ A: a, B, Q: eye(states), R: eye(controls) }).P.sum();
  const f = jit(valueAndGrad(cost));
  return calling(() => f(A));
};
