import {
  cos,
  exp,
  linalg,
  matmul,
  mul,
  neg,
  sigmoid,
  sin,
  square,
  type Tensor,
  tanh,
  tensor,
} from '@grad/core';
import type { Draw, Scope } from '../scope.ts';
import type { Operations } from './operation.ts';

/** Small numbers beside a diagonal whose elements are 4 apart, so that values are apart and not 0. */
function apart(scope: Scope, draw: Draw, m: number, n: number): [matrix: Tensor, diagonal: Tensor] {
  const x = scope.float(draw);
  const shape = draw.flag() ? [m, n] : [2, m, n];
  const rows = Array.from({ length: m }, (_, i) =>
    Array.from({ length: n }, (__, j) => (i === j ? 10 - 4 * i : 0)),
  );
  const diagonal = Array.from({ length: Math.min(m, n) }, (_, i) => 10 - 4 * i);
  const dtype = x.dtype === 'float32' ? 'float32' : 'float64';
  const middle = tensor(rows, { dtype });
  return [mul(tanh(scope.fit(x, shape)), 0.3).add(middle), tensor(diagonal, { dtype })];
}

/** Nothing is 0 but for rounding, where a step after it could jump. */
function off(x: Tensor): Tensor {
  return x.add(0.3);
}

/** What does not depend on the choice of vectors. */
export const spectral: Operations = {
  eigenvalues: {
    build(scope, draw) {
      const [a, diagonal] = apart(scope, draw, 3, 3);
      return off(linalg.eigvalsh(neg(a)).add(diagonal));
    },
  },
  squaredEigenvectors: {
    build: (scope, draw) => off(square(linalg.eigh(apart(scope, draw, 3, 3)[0])[1])),
  },
  singularValues: {
    build(scope, draw) {
      const [a, diagonal] = apart(scope, draw, draw.of(3, 2), draw.of(3, 2));
      return off(linalg.svdvals(a).sub(diagonal));
    },
  },
  orthogonalFactor: {
    build(scope, draw) {
      const [u, , vt] = linalg.svd(apart(scope, draw, draw.of(3, 2), draw.of(3, 2))[0]);
      return off(matmul(u, vt));
    },
  },
  pseudoinverse: {
    build: (scope, draw) => off(linalg.pinv(apart(scope, draw, draw.of(3, 2), draw.of(3, 2))[0])),
  },
  matrixFunction: {
    build(scope, draw) {
      const x = scope.fit(scope.float(draw), draw.of([3, 3], [2, 2], [2, 2, 2]));
      const of = draw.of(sin, cos, sigmoid, (w: Tensor) => exp(neg(square(w))));
      return off(linalg.matrixFunction(of, mul(x, 0.3)));
    },
  },
};
