import { matmul, type Tensor, tensor } from '@grad/core';

/** A task with two quadratic losses, `(theta - center)' matrix (theta - center) / 2`. */
export const quadratic = {
  support: {
    matrix: tensor([
      [3, 1],
      [1, 2],
    ]),
    center: tensor([1, -1]),
  },
  query: {
    matrix: tensor([
      [2, 0],
      [0, 1],
    ]),
    center: tensor([0.5, 2]),
  },
};

export function loss(
  theta: Tensor,
  { matrix, center }: { matrix: Tensor; center: Tensor },
): Tensor {
  const from = theta.sub(center);
  return matmul(matrix, from).mul(from).sum().div(2);
}

/** The largest difference of a tensor from some numbers. */
export function apart(found: Tensor, known: readonly number[]): number {
  return found.sub(tensor(known)).abs().max().item();
}
