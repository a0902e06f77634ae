import { jit, segmentSum, type Tensor, take, transpose } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const count = numberOf(options, 'rows');
  const operations: Readonly<Record<string, (x: Tensor, at: Tensor) => Tensor>> = {
    gather: (x, at) => take(x, at),
    scatter: (x, at) => segmentSum(x, at, { count }),
    transpose: (x) => transpose(x),
  };
  const operation = operations[`${options['operation']}`];
  if (!operation) return null;
  const [f, x, at] = [jit(operation), given(inputs, 'x'), given(inputs, 'at')];
  return calling(() => f(x, at));
};
