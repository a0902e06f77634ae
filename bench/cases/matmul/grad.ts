import { jit, matmul, type Tensor, transpose } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import type { Prepare } from '../../src/suite.ts';

const products = {
  AB: (x: Tensor, y: Tensor) => matmul(x, y),
  "A'B": (x: Tensor, y: Tensor) => matmul(transpose(x), y),
  "AB'": (x: Tensor, y: Tensor) => matmul(x, transpose(y)),
};

export const prepare: Prepare = (inputs, { variant }) => {
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const product = jit(variant === "A'B" || variant === "AB'" ? products[variant] : products.AB);
  return calling(() => product(x, y));
};
