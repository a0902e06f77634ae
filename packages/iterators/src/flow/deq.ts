import { type Tensor, type TensorLike, tensor, zeros } from '@grad/core';
import { type FixedPointOptions, fixedPoint, type Solution } from '@grad/solve';

/** Options of `fixedPoint`, and the equation. */
export interface DeqOptions<P> extends FixedPointOptions {
  /** The next state z, in the shape of z. */
  readonly cell: (z: Tensor, x: Tensor, params: P) => Tensor;
  /** The state to start from, for an input x; zeros in the shape of x when left out. */
  readonly start?: (x: Tensor) => Tensor;
}

/** A deep equilibrium as a function of its parameters and its input. */
export interface Deq<P> {
  /** The equilibrium z = cell(z, x, params). */
  apply(params: P, x: TensorLike): Tensor;
  /** The same, with the residual and the status of the search. */
  solve(params: P, x: TensorLike): Solution<Tensor>;
}

/**
 * A layer of infinite depth: its result is the state at which a cell stays. A gradient costs one linear
 * solve, in memory that does not grow with the number of iterations.
 *
 * `apply` gives the last iterate even where the search did not converge; look at the status that `solve`
 * gives. A cell whose Jacobian in z is smaller than 1, such as tanh of weights with small norm, converges.
 *
 * @throws what `fixedPoint` throws.
 * @see S. Bai, J. Z. Kolter and V. Koltun, Deep equilibrium models (2019).
 */
export function deq<P>({ cell, start, ...options }: DeqOptions<P>): Deq<P> {
  const solve = (params: P, given: TensorLike): Solution<Tensor> => {
    const x = tensor(given);
    const first = start ? start(x) : zeros(x.shape).astype(x.dtype);
    return fixedPoint((z: Tensor) => cell(z, x, params), first, undefined, options);
  };
  return { solve, apply: (params, x) => solve(params, x).value };
}
