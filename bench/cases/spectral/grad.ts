import { abs, jit, linalg, type Tensor } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import type { Prepare } from '../../src/suite.ts';

const operations: Readonly<Record<string, (a: Tensor) => readonly Tensor[]>> = {
  eigh: (a) => {
    const [w, v] = linalg.eigh(a);
    return [w, abs(v)];
  },
  eigvalsh: (a) => [linalg.eigvalsh(a)],
  svd: (a) => {
    const [u, s, vt] = linalg.svd(a);
    return [abs(u), s, abs(vt)];
  },
  svdvals: (a) => [linalg.svdvals(a)],
};

export const prepare: Prepare = (inputs, options) => {
  const operation = operations[`${options['operation']}`];
  if (!operation) return null;
  const [f, a] = [jit(operation), given(inputs, 'a')];
  return calling(() => f(a));
};
