import { matmul, type Tensor, type TensorLike, tensor } from '@grad/core';
import { cholesky, invertLower } from './cholesky.ts';

/**
 * A covariance of errors: one variance for all components, a vector of variances, or a full
 * symmetric positive definite matrix.
 */
export type Covariance = TensorLike;

/** A covariance C that was checked, with S such that C = S S'. */
export type CovarianceRoot =
  | { readonly kind: 'diagonal'; readonly deviations: Float64Array }
  | {
      readonly kind: 'full';
      readonly size: number;
      readonly matrix: Float64Array;
      /** Lower triangular, row-major. */
      readonly root: Float64Array;
      readonly inverse: Float64Array;
    };

/**
 * Reads and factorises a covariance of `size` errors, once and outside of any compiled code.
 *
 * @throws RangeError when it has the wrong shape or is not symmetric and positive definite.
 */
export function covarianceRoot(name: string, given: Covariance, size: number): CovarianceRoot {
  const { shape, values } = numbersOf(given);
  if (shape.length === 0 || (shape.length === 1 && shape[0] === size)) {
    return { kind: 'diagonal', deviations: deviationsOf(name, values, size) };
  }
  if (shape.length !== 2 || shape[0] !== size || shape[1] !== size) {
    throw new RangeError(
      `${name}: a covariance of ${size} errors is a variance, ${size} variances or a ${size} by ${size} matrix; ` +
        `this has shape [${shape.join(', ')}].`,
    );
  }
  checkSymmetric(name, values, size);
  return factorise(name, values, size);
}

/** The covariance of some of the errors. */
export function restrict(
  name: string,
  covariance: CovarianceRoot,
  components: readonly number[],
): CovarianceRoot {
  if (covariance.kind === 'diagonal') {
    const deviations = components.map((component) => covariance.deviations[component] ?? 0);
    return { kind: 'diagonal', deviations: Float64Array.from(deviations) };
  }
  const { matrix, size } = covariance;
  const part = components.flatMap((i) => components.map((j) => matrix[i * size + j] ?? 0));
  return factorise(name, Float64Array.from(part), components.length);
}

function factorise(name: string, matrix: Float64Array, size: number): CovarianceRoot {
  const root = cholesky(matrix, size);
  if (root instanceof Float64Array) {
    return { kind: 'full', size, matrix, root, inverse: invertLower(root, size) };
  }
  throw new RangeError(
    `${name}: the matrix is not positive definite, as row ${root.row} shows. ` +
      'A covariance of errors is, unless some of them are certain or follow from others.',
  );
}

/** Shape and elements of data that is known, in float64. */
export function numbersOf(given: TensorLike): {
  readonly shape: readonly number[];
  readonly values: Float64Array;
} {
  const data = tensor(given);
  return { shape: data.shape, values: data.read((elements) => Float64Array.from(elements)) };
}

function deviationsOf(name: string, variances: Float64Array, size: number): Float64Array {
  const wrong = variances.findIndex((v) => !(v > 0 && Number.isFinite(v)));
  if (wrong >= 0) {
    const which = variances.length > 1 ? ` of component ${wrong}` : '';
    throw new RangeError(
      `${name}: the variance${which} is ${variances[wrong]}; give a finite number above 0.`,
    );
  }
  return Float64Array.from({ length: size }, (_, i) =>
    Math.sqrt(variances[variances.length > 1 ? i : 0] ?? Number.NaN),
  );
}

function checkSymmetric(name: string, matrix: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const [below, above] = [matrix[i * size + j] ?? 0, matrix[j * size + i] ?? 0];
      if (!(Math.abs(below - above) <= 1e-12 * (Math.abs(below) + Math.abs(above)))) {
        throw new RangeError(
          `${name}: the matrix is not symmetric and finite: (${i}, ${j}) is ${below} and (${j}, ${i}) is ${above}.`,
        );
      }
    }
  }
}

/** S v: independent errors of variance 1 made into errors of this covariance. */
export function color(covariance: CovarianceRoot, v: Tensor): Tensor {
  if (covariance.kind === 'diagonal') return v.mul(tensor(covariance.deviations));
  return matmul(tensor(covariance.root).reshape([covariance.size, covariance.size]), v);
}

/** S^-1 d: errors of this covariance made independent and of variance 1. */
export function whiten(covariance: CovarianceRoot, d: Tensor): Tensor {
  if (covariance.kind === 'diagonal') return d.div(tensor(covariance.deviations));
  return matmul(tensor(covariance.inverse).reshape([covariance.size, covariance.size]), d);
}
