import { dot, einsum, matmul, mul, reshape, type Tensor } from '@grad/core';
import type { Draw, Scope } from '../scope.ts';
import type { Operations } from './operation.ts';

/** x with exactly n axes. */
function withAxes(x: Tensor, n: number): Tensor {
  if (x.ndim === n) return x;
  if (x.ndim < n) return reshape(x, [...new Array<number>(n - x.ndim).fill(1), ...x.shape]);
  const size = x.shape.slice(0, x.ndim - n + 1).reduce((product, extent) => product * extent, 1);
  return n === 0 ? x : reshape(x, [size, ...x.shape.slice(x.ndim - n + 1)]);
}

function scaled(product: Tensor, terms: number): Tensor {
  return mul(product, 1 / (4 * Math.max(1, terms)));
}

/** Two operands of a subscript: the second takes the extents that letters have in the first. */
function contraction(scope: Scope, draw: Draw, subscripts: string): Tensor {
  const [left = '', right = ''] = (subscripts.split('->')[0] ?? '').split(',');
  const x = withAxes(scope.float(draw), left.length);
  const other = scope.float(draw);
  const extent = (letter: string): number => x.shape[left.indexOf(letter)] ?? 2;
  const y = scope.fit(other, [...right].map(extent));
  const terms = [...new Set(left + right)]
    .filter((letter) => !(subscripts.split('->')[1] ?? '').includes(letter))
    .reduce((n, letter) => n * extent(letter), 1);
  return scaled(einsum(subscripts, x, y), terms);
}

/** Products of matrices and their relatives. */
export const products: Operations = {
  matmul: {
    build(scope, draw) {
      const x = withAxes(scope.float(draw), 1 + draw.below(3));
      const k = x.shape.at(-1) ?? 1;
      const lead = x.ndim === 3 && draw.flag() ? [x.shape[0] ?? 1] : [];
      const shape = draw.of<readonly number[]>([k], [...lead, k, 2], [...lead, k, 1], [k, 3]);
      return scaled(matmul(x, scope.fit(scope.float(draw), shape)), k);
    },
  },
  outer: {
    build(scope, draw) {
      const x = withAxes(scope.float(draw), 1);
      const y = withAxes(scope.float(draw), 1);
      if (x.size * y.size > 48) return scaled(dot(x, x), x.size);
      return scaled(matmul(reshape(x, [x.size, 1]), reshape(y, [1, y.size])), 1);
    },
  },
  gram: {
    build(scope, draw) {
      const x = withAxes(scope.float(draw), 2);
      return scaled(matmul(x.transpose(), x), x.shape[0] ?? 1);
    },
  },
  einsum: {
    build: (scope, draw) =>
      contraction(
        scope,
        draw,
        draw.of(
          'ij,jk->ik',
          'ij,ij->i',
          'i,j->ij',
          'ij,kj->ki',
          'bij,bjk->bik',
          'ij,i->j',
          'ijk,k->',
        ),
      ),
  },
  diagonal: {
    build(scope, draw) {
      const x = scope.fit(scope.float(draw), [3, 3]);
      return draw.flag() ? einsum('ii->i', x) : einsum('ii->', x).mul(0.25);
    },
  },
};
