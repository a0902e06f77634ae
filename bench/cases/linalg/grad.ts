import { add, jit, linalg, type Tensor } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import type { Prepare } from '../../src/suite.ts';

const operations: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
  cholesky: (a) => linalg.cholesky(a),
  lu: (a) => {
    const { l, u } = linalg.lu(a);
    return add(linalg.tril(l, { offset: -1 }), u);
  },
  solve: (a, b) => linalg.solve(a, b),
  inv: (a) => linalg.inv(a),
  qr: (a) => linalg.qr(a)[1],
};

export const prepare: Prepare = (inputs, options) => {
  const operation = operations[`${options['operation']}`];
  if (!operation) return null;
  const [f, a, b] = [jit(operation), given(inputs, 'a'), given(inputs, 'b')];
  return calling(() => f(a, b));
};
