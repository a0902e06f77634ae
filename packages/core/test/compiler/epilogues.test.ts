import {
  einsum,
  exp,
  explain,
  grad,
  jit,
  matmul,
  random,
  type Tensor,
  tanh,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

const drawn = (k: number, shape: readonly number[]): Tensor =>
  random.uniform(random.foldIn(random.key(5), k), shape, { low: -1, high: 1 });
const kernels = (f: (...x: Tensor[]) => Tensor, ...x: Tensor[]): number =>
  Number(/^(\d+) kernel/.exec(String(explain(f, ...x)))?.[1]);

describe('what follows a product of matrices is done with its elements', () => {
  const [x, w, b] = [drawn(1, [2, 5, 16]), drawn(2, [16, 12]), drawn(3, [12])];
  const dense = (a: Tensor, v: Tensor, c: Tensor): Tensor => tanh(matmul(a, v).add(c));

  test('for rows that are a batch of rows', () => {
    expect(kernels(dense, x, w, b)).toBe(1);
    expect(jit(dense)(x, w, b).toArray()).toEqual(dense(x, w, b).toArray());
    checkGrads((...a: Tensor[]) => dense(a[0] ?? x, a[1] ?? w, a[2] ?? b).sum(), [x, w, b]);
  });

  test('when it needs a value that is computed after the product', () => {
    const late = (a: Tensor, v: Tensor, c: Tensor): Tensor => {
      const product = matmul(a.reshape([10, 16]), v);
      return product.mul(exp(c).sum()).add(einsum('ij,ij->j', v, v));
    };
    expect(kernels(late, x, w, b)).toBe(3);
    expect(jit(late)(x, w, b).toArray()).toEqual(late(x, w, b).toArray());
    checkGrads((...a: Tensor[]) => late(a[0] ?? x, a[1] ?? w, a[2] ?? b).sum(), [x, w, b]);
  });

  test('unless another value was placed by it', () => {
    const twice = (a: Tensor, v: Tensor, c: Tensor): Tensor => {
      const product = matmul(a.reshape([10, 16]), v);
      const total = product.sum({ axis: 0 });
      return product.mul(total).add(product.at(0)).add(c);
    };
    expect(jit(twice)(x, w, b).toArray()).toEqual(twice(x, w, b).toArray());
    expect(jit(grad((a: Tensor) => twice(a, w, b).sum()))(x).toArray()).toEqual(
      grad((a: Tensor) => twice(a, w, b).sum())(x).toArray(),
    );
    checkGrads((a: Tensor) => vmap((row: Tensor) => dense(row, w, b))(a).sum(), [x]);
  });
});
