import { add, matmul, sum } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import type { Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, { operation }) => {
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const calls = { add: () => add(x, y), matmul: () => matmul(x, y), sum: () => sum(x) };
  return calling(calls[operation === 'matmul' || operation === 'sum' ? operation : 'add']);
};
