import type { Site } from '../kernel/statement.ts';
import { MatrixError } from '../primitives/factorization-error.ts';

/** A position given as data lies outside the axis that it indexes. */
export class IndexError extends RangeError {
  /** Tells this kind of error from others, also across realms. */
  override readonly name = 'IndexError';
}

/** A loop needed more steps than it was permitted. */
export class StepLimitError extends RangeError {
  /** Tells this kind of error from others, also across realms. */
  override readonly name = 'StepLimitError';
}

/** An iteration that an operation consists of has not converged. */
export class ConvergenceError extends RangeError {
  /** Tells this kind of error from others, also across realms. */
  override readonly name = 'ConvergenceError';
}

/** The error that the status record of a call tells of. */
export function failureOf(kind: number, site: Site | undefined, detail: number): Error {
  if (site === undefined) return new Error(`A compiled call failed with status ${kind}.`);
  const { operation, limit } = site;
  const place = site.source?.place;
  const where = place === undefined ? '' : ` (at ${place})`;
  switch (site.kind) {
    case 'index':
      return new IndexError(
        `${operation}: index ${detail} is out of range for an axis of extent ${limit}; ` +
          (limit === 0
            ? 'an empty axis has no elements to index.'
            : `indices run from 0 to ${limit - 1}. Clip the index, or select where it is valid.`) +
          where,
      );
    case 'maxSteps':
      return new StepLimitError(
        `${operation}: the condition still holds after maxSteps = ${limit} steps. ` +
          `Raise maxSteps, or check that the loop converges.${where}`,
      );
    case 'notConverged':
      return new ConvergenceError(
        `${operation}: no convergence after ${limit} iterations. ` +
          `Scale the matrix, or compute in float64.${where}`,
      );
    case 'divisionByZero':
      return new RangeError(
        `${operation}: integer division by zero. Select where the divisor is not 0.${where}`,
      );
    case 'notPositiveDefinite':
    case 'singular':
    case 'rankDeficient':
    case 'noPivot': {
      const code = detail - 2;
      return new MatrixError(operation, site.kind, {
        entry: Math.floor(code / limit),
        pivot: code % limit,
        entries: site.entries ?? 1,
        ...(place !== undefined && { where: place }),
      });
    }
  }
}
