import { clip as clipElements, div, sqrt, type Tensor, tensor, where } from '@grad/core';
import { type GradientTransformation, leafwise } from './gradient-transformation.ts';

/**
 * Each element of gradients held within `[-limit, limit]`.
 *
 * @throws RangeError when the limit is not above 0.
 */
export function clip(limit: number): GradientTransformation<null> {
  checkLimit('clip', limit);
  return leafwise<null>('clip', {
    init: () => null,
    lists: () => [],
    update: (grads, state) => [grads.map((g) => clipElements(g, -limit, limit)), state],
  });
}

/**
 * Gradients scaled down together so that the Euclidean norm of all of them is at most `limit`.
 *
 * @throws RangeError when the limit is not above 0.
 * @see R. Pascanu, T. Mikolov and Y. Bengio, On the difficulty of training recurrent neural networks
 * (2013), algorithm 1.
 */
export function clipByGlobalNorm(limit: number): GradientTransformation<null> {
  checkLimit('clipByGlobalNorm', limit);
  return leafwise<null>('clipByGlobalNorm', {
    init: () => null,
    lists: () => [],
    update: (grads, state) => {
      const square = grads.reduce(
        (sum, g) => sum.add(g.square().sum().astype('float64')),
        tensor(0),
      );
      const isLong = square.gt(limit * limit);
      const norm = sqrt(where(isLong, square, 1));
      const factor = where(isLong, div(limit, norm), 1);
      return [grads.map((g: Tensor) => g.mul(factor.astype(g.dtype))), state];
    },
  });
}

function checkLimit(name: string, limit: number): void {
  if (limit > 0) return;
  throw new RangeError(`${name}: the limit is ${limit}; give a number above 0.`);
}
