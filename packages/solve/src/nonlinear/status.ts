import { isfinite, logicalAnd, logicalNot, type Tensor, tensor, where } from '@grad/core';

/**
 * How an iteration ended:
 * - `converged`: the residual is as small as was asked for;
 * - `maxIterations`: the iterations are used up;
 * - `stalled`: no step along the direction makes the residual smaller, as at a minimum of it that is no root;
 * - `notFinite`: the function is NaN or infinite;
 * - `noSignChange`: the function has the same sign at both ends of the bracket.
 */
export type SolveStatus = 'converged' | 'maxIterations' | 'stalled' | 'notFinite' | 'noSignChange';

const names: readonly SolveStatus[] = [
  'converged',
  'maxIterations',
  'stalled',
  'notFinite',
  'noSignChange',
];

/**
 * The status that the `code` of a result stands for, where it has a value: use it on what a compiled
 * function returned.
 *
 * @throws RangeError when no status has that number.
 */
export function solveStatus(code: Tensor | number): SolveStatus {
  const number = typeof code === 'number' ? code : code.item();
  const name = names[number];
  if (name === undefined) {
    throw new RangeError(
      `solveStatus: ${number} is not the code of a status; codes are 0 to ${names.length - 1}.`,
    );
  }
  return name;
}

/** The code of a status, as a constant of compiled code. */
export function statusCode(status: SolveStatus): Tensor {
  return tensor(names.indexOf(status), { dtype: 'int32' });
}

/** The code for an iteration that ended with some residual, by itself or because it was told to. */
export function codeFor(residual: Tensor, tol: number, stalled: Tensor): Tensor {
  const wrong = logicalAnd(stalled, logicalNot(residual.le(tol)));
  return where(
    isfinite(residual),
    where(
      residual.le(tol),
      statusCode('converged'),
      where(wrong, statusCode('stalled'), statusCode('maxIterations')),
    ),
    statusCode('notFinite'),
  );
}
