import { expandDims, sqrt, stack, sum, type Tensor, where } from '@grad/core';

/** Sums of products along the last axis, which stays with extent 1. */
export function dotLast(a: Tensor, b: Tensor): Tensor {
  return sum(a.mul(b), { axis: -1, keepdims: true });
}

/** Cross products along the last axis, which has 3 elements. */
export function cross(a: Tensor, b: Tensor): Tensor {
  const [ax, ay, az] = components(a);
  const [bx, by, bz] = components(b);
  return stack(
    [ay.mul(bz).sub(az.mul(by)), az.mul(bx).sub(ax.mul(bz)), ax.mul(by).sub(ay.mul(bx))],
    { axis: -1 },
  );
}

/** Elements of the last axis, each without it. */
export function components(a: Tensor): [Tensor, Tensor, Tensor] {
  return [component(a, 0), component(a, 1), component(a, 2)];
}

/** One element of the last axis, which it drops. */
export function component(a: Tensor, k: number): Tensor {
  return a.at(...a.shape.slice(1).map(() => null), k);
}

/** Euclidean length along the last axis, which stays; 0 with derivative 0 for a vector of zeros. */
export function lengthOf(a: Tensor): Tensor {
  const squared = dotLast(a, a);
  const isZero = squared.eq(0);
  return where(isZero, 0, sqrt(where(isZero, 1, squared)));
}

/** Vectors of length 1 along the last axis; a vector of zeros stays. */
export function normalized(a: Tensor): Tensor {
  const length = lengthOf(a);
  return a.div(where(length.eq(0), 1, length));
}

/** A matrix `[3, 3]` times each vector of the last axis. */
export function transformed(matrix: Tensor, vectors: Tensor): Tensor {
  return sum(matrix.mul(expandDims(vectors, -2)), { axis: -1 });
}

/** The transpose of a matrix `[3, 3]` times each vector of the last axis. */
export function transformedBack(matrix: Tensor, vectors: Tensor): Tensor {
  return transformed(matrix.transpose(), vectors);
}
