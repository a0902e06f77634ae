import {
  cumsum,
  jit,
  logsumexp,
  max,
  mean,
  softmax,
  sum,
  type Tensor,
} from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

const operations: Readonly<Record<string, (x: Tensor, axis: number) => Tensor>> = {
  sum: (x, axis) => sum(x, { axis }),
  mean: (x, axis) => mean(x, { axis }),
  max: (x, axis) => max(x, { axis }),
  softmax: (x, axis) => softmax(x, { axis }),
  logsumexp: (x, axis) => logsumexp(x, { axis }),
  cumsum: (x, axis) => cumsum(x, { axis }),
};

export const prepare: Prepare = (inputs, options) => {
  const operation = operations[`${options['operation']}`];
  if (!operation) return null;
  const axis = numberOf(options, 'axis');
  const [f, x] = [jit((x: Tensor) => operation(x, axis)), given(inputs, 'x')];
  return calling(() => f(x));
};
