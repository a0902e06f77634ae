import { grad, linalg, type MatrixError, matmul, type Tensor, tensor, vmap } from '@grad/core';

// The log-likelihood of a Gaussian, by a Cholesky factor, and its gradient in the covariance.
const logLikelihood = (covariance: Tensor, x: Tensor): Tensor => {
  const l = linalg.cholesky(covariance, { symmetrize: true });
  const z = linalg.triangularSolve(l, x);
  return linalg.diagonal(l).log().sum().add(z.square().sum().mul(0.5)).neg();
};
const covariance = tensor([
  [4, 2],
  [2, 5],
]);
console.log(
  logLikelihood(covariance, tensor([1, 2]))
    .item()
    .toFixed(6),
); // → -1.792544
const gradient = grad(logLikelihood)(covariance, tensor([1, 2]));
console.log(gradient.at(0, 0).item().toFixed(6), gradient.at(0, 1).item().toFixed(6)); // → -0.154297 0.074219

// Systems of equations; leading axes are batches, and so is what vmap maps over.
const a = tensor([
  [0, 2],
  [3, 1],
]);
console.log(linalg.solve(a, [2, 7]).toArray()); // → [ 2, 1 ]
console.log(vmap(linalg.solve)(tensor([[[2]], [[4]]]), tensor([[1], [1]])).toArray()); // → [ [ 0.5 ], [ 0.25 ] ]

// A line through four points, and how it moves with the last of them.
const design = tensor([
  [1, 0],
  [1, 1],
  [1, 2],
  [1, 3],
]);
const slope = (y: Tensor): Tensor => linalg.lstsq(design, y).at(1);
console.log(
  slope(tensor([1, 3, 5, 7]))
    .item()
    .toFixed(12),
); // → 2.000000000000
console.log(
  grad(slope)(tensor([1, 3, 5, 7]))
    .at(3)
    .item()
    .toFixed(12),
); // → 0.300000000000

// The determinant has a gradient where it is 0: the matrix of cofactors.
const singular = tensor([
  [1, 2],
  [2, 4],
]);
console.log(grad((m: Tensor) => linalg.det(m))(singular).toArray()); // → [ [ 4, -2 ], [ -2, 1 ] ]
try {
  linalg.inv(singular);
} catch (error) {
  const { fault, pivot } = error as MatrixError;
  console.log(fault, pivot); // → singular 1
}

// A rotation is the exponential of a skew-symmetric matrix.
const rotation = linalg.expm(
  tensor([
    [0, -1],
    [1, 0],
  ]).mul(Math.PI / 2),
);
console.log(
  matmul(rotation, [1, 0])
    .sub(tensor([0, 1]))
    .abs()
    .max()
    .lt(1e-15)
    .item(),
); // → 1
