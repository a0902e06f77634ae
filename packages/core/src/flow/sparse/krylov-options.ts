import { checkPositive } from '../../functions/sparse/sparse-matrix.ts';
import { checkWhole } from '../../tensor/check.ts';

/** Options of the iterative methods. */
export interface KrylovOptions {
  /** Least `|b - A x| / |b|` that is asked for; 1e-10 for float64 and 1e-5 for float32 when left out. */
  readonly tolerance?: number;
  /** Iterations, at most; ten times the order of the matrix, but 10,000 at most, when left out. */
  readonly maxIterations?: number;
}

export interface KrylovLimits {
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Checked options, with what is left out. */
export function limitsOf(
  name: string,
  { tolerance, maxIterations }: KrylovOptions,
  order: number,
  dtype: string,
): KrylovLimits {
  if (tolerance !== undefined) checkPositive(name, 'tolerance', tolerance);
  if (maxIterations !== undefined) checkWhole(name, 'maxIterations', maxIterations, 0);
  return {
    tolerance: tolerance ?? (dtype === 'float64' ? 1e-10 : 1e-5),
    maxIterations: maxIterations ?? Math.min(10 * order, 10_000),
  };
}
