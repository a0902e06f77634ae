/** What can be wrong with a matrix that is to be factorized or divided by. */
export type MatrixFault = 'notPositiveDefinite' | 'singular' | 'rankDeficient' | 'noPivot';

/** Where it is: which matrix of the batch, counted row by row, and which of its pivots, from 0. */
export interface FaultPlace {
  readonly entry: number;
  readonly pivot: number;
  /** Matrices in the batch. */
  readonly entries: number;
  /** The line of the user's code, where it is known. */
  readonly where?: string;
}

const messages: { readonly [F in MatrixFault]: (matrix: string, pivot: number) => string } = {
  notPositiveDefinite: (matrix, pivot) =>
    `${matrix} is not positive definite: its leading minor of order ${pivot + 1} is not positive (pivot ${pivot}). ` +
    'Check that it is symmetric and has no NaN, or add a multiple of the identity.',
  singular: (matrix, pivot) =>
    `${matrix} is exactly singular: pivot ${pivot} is zero. ` +
    'Add a multiple of the identity, remove rows that depend on others, or solve in the sense of least squares.',
  noPivot: (matrix, pivot) =>
    `${matrix} is singular, or needs exchanges of rows that its pattern does not allow: row ${pivot} has no pivot. ` +
    'Leave zeros out of the pattern, or use an iterative method.',
  rankDeficient: (matrix, pivot) =>
    `the columns of ${matrix} depend on each other up to rounding: the rank is not more than ${pivot}. ` +
    'Remove columns that depend on others, or add a multiple of the identity below the matrix.',
};

/** A matrix is singular, deficient in rank or not positive definite, where it must not be. */
export class MatrixError extends RangeError {
  /** Tells this kind of error from others, also across realms. */
  override readonly name = 'MatrixError';
  readonly fault: MatrixFault;
  /** Which matrix of the batch, counted row by row. */
  readonly entry: number;
  /** The pivot that shows it, from 0. */
  readonly pivot: number;

  constructor(operation: string, fault: MatrixFault, place: FaultPlace) {
    const { entry, pivot, entries, where } = place;
    const matrix = entries > 1 ? `matrix ${entry} of ${entries}` : 'the matrix';
    const at = where === undefined ? '' : ` (at ${where})`;
    super(`${operation}: ${messages[fault](matrix, pivot)}${at}`);
    this.fault = fault;
    this.entry = entry;
    this.pivot = pivot;
  }
}
