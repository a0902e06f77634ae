import { jit, numpy as np } from '@jax-js/jax';
import { calling, given } from '../../src/peers/start-jax-js.ts';
import type { Prepare } from '../../src/suite.ts';

const products = {
  AB: (x: np.Array, y: np.Array) => np.matmul(x, y),
  "A'B": (x: np.Array, y: np.Array) => np.matmul(np.transpose(x), y),
  "AB'": (x: np.Array, y: np.Array) => np.matmul(x, np.transpose(y)),
};

export const prepare: Prepare = (inputs, { variant }) => {
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const product = jit(variant === "A'B" || variant === "AB'" ? products[variant] : products.AB);
  return calling(() => product(x.ref, y.ref));
};
