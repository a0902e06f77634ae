import { ones } from '../../functions/create.ts';
import {
  abs,
  add,
  div,
  gt,
  le,
  logicalAnd,
  logicalNot,
  lt,
  mul,
  sub,
  where,
} from '../../functions/elementwise.ts';
import { pad } from '../../functions/pad.ts';
import { max } from '../../functions/reduce.ts';
import { reshape } from '../../functions/shape.ts';
import type { Factorization } from '../../functions/sparse/factorization.ts';
import { product } from '../../functions/sparse/product.ts';
import { solveByFactor } from '../../functions/sparse/solve-by-factor.ts';
import { transpose } from '../../functions/sparse/transpose.ts';
import { tensor } from '../../functions/tensor.ts';
import { cast } from '../../primitives/cast.ts';
import { slice } from '../../primitives/slice.ts';
import { checkedSolution } from '../../primitives/sparse/checked-solution.ts';
import { stopped } from '../../primitives/stop-gradient.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { implicitLinearSolve } from '../implicit-linear-solve.ts';
import { whileLoop } from '../while-loop.ts';
import { type Apply, type LinearSolution, norm, relative, type SolveReport } from './solution.ts';

/** Corrections of a solution by LU, at most. */
const mostCorrections = 10;

/** The unit roundoff of a float. */
function roundoff(x: Tensor): number {
  return x.dtype === 'float64' ? 2 ** -53 : 2 ** -24;
}

/**
 * The solution by a factorized matrix, corrected where that was by LU. It is differentiated as the
 * solution of the system, forwards and backwards by the same factor.
 */
export function solveDirect(factorization: Factorization, b: Tensor): LinearSolution {
  const { matrix, kind } = factorization;
  const wide = b.ndim === 1 ? reshape(b, [b.size, 1]) : b;
  const solver = (transposed: boolean) => {
    const size = largestRowSum(factorization, transposed);
    return (apply: Apply, rhs: Tensor): [Tensor, SolveReport] =>
      corrected(factorization, { apply, size, transposed }, rhs);
  };
  const [x, report] = implicitLinearSolve<Tensor, SolveReport>((v) => product(matrix, v), wide, {
    hasAux: true,
    symmetric: kind === 'cholesky',
    solve: solver(false),
    transposeSolve: solver(true),
  });
  return { x: reshape(x, b.shape), ...report };
}

/** The largest magnitude, 0 where there is none. */
function largest(x: Tensor): Tensor {
  return max(pad(reshape(abs(x), [x.size]), [[0, 1]]));
}

/** The norm of the matrix that belongs to the largest element of a vector. */
function largestRowSum({ matrix }: Factorization, transposed: boolean): Tensor {
  const own = transposed ? transpose(matrix) : matrix;
  const magnitudes = { data: abs(stopped(own.data)), pattern: own.pattern };
  return largest(product(magnitudes, ones([own.pattern.shape[1]], { dtype: own.data.dtype })));
}

interface System {
  readonly apply: Apply;
  readonly size: Tensor;
  readonly transposed: boolean;
}

/**
 * The solution by the factor, with iterative refinement while that at least halves the backward error:
 * the least change of the matrix and the right-hand side, for their size, that makes it exact.
 */
function corrected(
  factorization: Factorization,
  { apply, size, transposed }: System,
  b: Tensor,
): [Tensor, SolveReport] {
  const { kind, factor, tables } = factorization;
  const wanted = largest(b);
  const errorOf = (x: Tensor, residual: Tensor): Tensor => {
    const scale = add(mul(size, largest(x)), wanted);
    return where(gt(scale, 0), div(largest(residual), where(gt(scale, 0), scale, 1)), 0);
  };
  const first = solveByFactor(factorization, b, transposed);
  const rest = sub(b, apply(first));
  const error = errorOf(first, rest);
  const start = {
    x: first,
    rest,
    error,
    improves: gt(error, 2 * roundoff(b)),
    steps: tensor(0, { dtype: 'int32' }),
  };
  const improve = (at: typeof start): typeof start => {
    const x = add(at.x, solveByFactor(factorization, at.rest, transposed));
    const rest = sub(b, apply(x));
    const error = errorOf(x, rest);
    const better = lt(error, at.error);
    return {
      x: where(better, x, at.x),
      rest: where(better, rest, at.rest),
      error: where(better, error, at.error),
      improves: logicalAnd(lt(error, mul(at.error, 0.5)), gt(error, 2 * roundoff(b))),
      steps: add(at.steps, 1),
    };
  };
  const goesOn = ({ improves, steps }: typeof start): Tensor =>
    logicalAnd(improves, lt(steps, mostCorrections));
  const state = kind === 'cholesky' ? start : whileLoop(goesOn, improve, start);
  const good = le(state.error, roundoff(b) ** (2 / 3));
  const report: SolveReport = {
    converged: good,
    iterations: state.steps,
    residual: relative(norm(state.rest), norm(b)),
  };
  if (kind === 'cholesky') return [state.x, report];
  const { order, factorSize } = tables.plan;
  const changed = slice(factor, { start: [factorSize - 1], extents: [1], step: [1] });
  const code = where(logicalAnd(logicalNot(good), gt(changed, 0)), changed, 0);
  const whole = cast(code, { dtype: 'int32' });
  const checked = checkedSolution(reshape(state.x, [1, ...state.x.shape]), whole, { order });
  return [reshape(checked, b.shape), report];
}
