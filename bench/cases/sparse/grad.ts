import {
  grad,
  jit,
  SparsityPattern,
  sparse,
  type Tensor,
} from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import { need, numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const order = numberOf(options, 'order');
  const list = (name: string) => Int32Array.from(need(inputs, name).data);
  const pattern = new SparsityPattern({
    shape: [order, order],
    indptr: list('indptr'),
    indices: list('indices'),
  });
  const [data, b] = [given(inputs, 'data'), given(inputs, 'b')];
  if (options['operation'] === 'matvec') {
    const product = jit((values: Tensor, x: Tensor) => sparse.matvec({ data: values, pattern }, x));
    return calling(() => product(data, b));
  }
  const method = options['method'] === 'lu' ? 'lu' : 'cholesky';
  const loss = (values: Tensor, rhs: Tensor) => {
    const { x } = sparse.solve({ data: values, pattern }, rhs, { method });
    return x.mul(x).sum().mul(0.5);
  };
  const gradient = jit(grad(loss, { argnums: [0, 1] }));
  return calling(() => gradient(data, b));
};
