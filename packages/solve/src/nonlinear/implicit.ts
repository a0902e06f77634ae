import { implicitRoot, type Tensor } from '@grad/core';
import { solveVector } from '../linear/linear-solve.ts';

/**
 * A root of f with the derivative of the root: by the implicit function theorem, in all that f uses.
 */
export function withImplicitDerivative(f: (x: Tensor) => Tensor, root: Tensor): Tensor {
  return implicitRoot(
    (x: Tensor) => f(x),
    () => root,
    {},
    {
      linearSolve: (matvec, b) =>
        solveVector(matvec, b, {
          solver: 'auto',
          symmetric: false,
          tolerance: b.dtype === 'float32' ? 1e-6 : 1e-13,
        }).x,
    },
  );
}
