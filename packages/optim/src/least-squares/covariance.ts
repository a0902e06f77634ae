import { linalg, MatrixError, matmul, type Tensor } from '@grad/core';

/**
 * Covariance of the estimates of a least-squares fit, (J'J)^-1 times the variance of the residuals, in the
 * order of `tree.ravel`; null where the data do not determine the unknowns.
 */
export function covarianceOf(jacobian: Tensor, value: number): Tensor | null {
  const [m = 0, n = 0] = jacobian.shape;
  if (m <= n) return null;
  const norms = linalg.norm(jacobian, { axis: 0 });
  try {
    // Columns of length 1: unknowns of different units have no part in the rounding.
    const [, r] = linalg.qr(jacobian.div(norms));
    const inverse = linalg.inv(r).div(norms.expandDims(1));
    const covariance = matmul(inverse, inverse.transpose()).mul((2 * value) / (m - n));
    return covariance.dataSync().every(Number.isFinite) ? covariance : null;
  } catch (error) {
    if (error instanceof MatrixError) return null;
    throw error;
  }
}
