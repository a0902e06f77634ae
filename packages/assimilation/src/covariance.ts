import {
  linalg,
  MatrixError,
  matmul,
  type Tensor,
  type TensorLike,
  take,
  tensor,
} from '@grad/core';

/**
 * A covariance of errors: one variance for all components, a vector of variances, or a full
 * symmetric positive definite matrix.
 */
export type Covariance = TensorLike;

/**
 * A covariance C of many errors as two linear functions, for when the matrix would be too large:
 * `color` is a square S with C = S S', `whiten` its inverse. Both take and give vectors.
 */
export interface CovarianceOperator {
  /** S v: independent errors of variance 1 made into errors of this covariance. */
  color(v: Tensor): Tensor;
  /** S^-1 d: errors of this covariance made independent and of variance 1. */
  whiten(d: Tensor): Tensor;
}

/** The covariance of the errors of a state: numbers or an operator. */
export type StateCovariance = Covariance | CovarianceOperator;

/** A covariance C that was checked, with S such that C = S S'. */
export type CovarianceRoot =
  | { readonly kind: 'diagonal'; readonly deviations: Tensor }
  | {
      readonly kind: 'full';
      readonly matrix: Tensor;
      /** Lower triangular. */
      readonly root: Tensor;
    };

/**
 * Reads and factorises a covariance of `size` errors, once and outside of any compiled code.
 *
 * @throws RangeError when it has the wrong shape or is not symmetric and positive definite.
 */
export function covarianceRoot(name: string, given: Covariance, size: number): CovarianceRoot {
  const matrix = tensor(given).astype('float64');
  const { shape } = matrix;
  if (shape.length === 0 || (shape.length === 1 && shape[0] === size)) {
    return { kind: 'diagonal', deviations: deviationsOf(name, matrix, size) };
  }
  if (shape.length !== 2 || shape[0] !== size || shape[1] !== size) {
    throw new RangeError(
      `${name}: a covariance of ${size} errors is a variance, ${size} variances or a ${size} by ${size} matrix; ` +
        `this has shape [${shape.join(', ')}].`,
    );
  }
  checkSymmetric(name, matrix.dataSync(), size);
  return factorise(name, matrix);
}

/** The functions of a covariance of the errors of a state; an operator gives its own. */
export function covarianceOperator(
  name: string,
  given: StateCovariance,
  size: number,
): CovarianceOperator {
  if (isOperator(given)) return given;
  const covariance = covarianceRoot(name, given, size);
  return {
    color: (v) => color(covariance, v),
    whiten: (d) => whiten(covariance, d),
  };
}

/** The covariance of some of the errors. */
export function restrict(
  name: string,
  covariance: CovarianceRoot,
  components: readonly number[],
): CovarianceRoot {
  const chosen = [...components];
  if (covariance.kind === 'diagonal') {
    return { kind: 'diagonal', deviations: take(covariance.deviations, chosen) };
  }
  const rows = take(covariance.matrix, chosen);
  return factorise(name, take(rows.transpose(), chosen));
}

/** S v: independent errors of variance 1 made into errors of this covariance. */
export function color(covariance: CovarianceRoot, v: Tensor): Tensor {
  if (covariance.kind === 'diagonal') return v.mul(covariance.deviations);
  return matmul(covariance.root, v);
}

/** S^-1 d: errors of this covariance made independent and of variance 1. */
export function whiten(covariance: CovarianceRoot, d: Tensor): Tensor {
  if (covariance.kind === 'diagonal') return d.div(covariance.deviations);
  return linalg.triangularSolve(covariance.root, d);
}

function isOperator(given: StateCovariance): given is CovarianceOperator {
  return typeof given === 'object' && 'color' in given && 'whiten' in given;
}

function factorise(name: string, matrix: Tensor): CovarianceRoot {
  try {
    const root = linalg.cholesky(matrix);
    root.dataSync();
    return { kind: 'full', matrix, root };
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error;
    throw new RangeError(
      `${name}: the matrix is not positive definite, as row ${error.pivot} shows. ` +
        'A covariance of errors is, unless some of them are certain or follow from others.',
    );
  }
}

function deviationsOf(name: string, variances: Tensor, size: number): Tensor {
  const values = variances.dataSync();
  const wrong = values.findIndex((v) => !(v > 0 && Number.isFinite(v)));
  if (wrong >= 0) {
    const which = values.length > 1 ? ` of component ${wrong}` : '';
    throw new RangeError(
      `${name}: the variance${which} is ${values[wrong]}; give a finite number above 0.`,
    );
  }
  return tensor(
    Float64Array.from({ length: size }, (_, i) =>
      Math.sqrt(values[values.length > 1 ? i : 0] ?? Number.NaN),
    ),
  );
}

function checkSymmetric(name: string, matrix: ArrayLike<number>, size: number): void {
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
