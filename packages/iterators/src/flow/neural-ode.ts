import { type Tensor, type TensorLike, tensor } from '@grad/core';
import { type OdeOptions, type OdeSolution, odeint } from '@grad/solve';

/** Options of `odeint` for an equation with parameters P, and its times. */
export interface NeuralOdeOptions<P> extends Omit<OdeOptions<Tensor, P>, 'args' | 'events'> {
  /** dy/dt, in the shape of y. */
  readonly dynamics: (y: Tensor, t: Tensor, params: P) => Tensor;
  /** Times from that of the input to that of the result; [0, 1] when left out. */
  readonly times?: TensorLike;
}

/** A differential equation as a function of its parameters and its initial value. */
export interface NeuralOde<P> {
  /** The state at the last time; NaN where the solve did not come so far. */
  apply(params: P, y0: TensorLike): Tensor;
  /** The states at all times, with the status of the solve. */
  solve(params: P, y0: TensorLike): OdeSolution<Tensor>;
}

/**
 * A layer whose result is the solution of a differential equation: y' = dynamics(y, t, params) from its
 * input on. The dynamics may be any network; parameters are a tree of tensors. Steps and tolerances are for
 * the whole input, so use `vmap` for steps of its own for each example.
 *
 * @throws what `odeint` throws.
 * @see R. Chen, Y. Rubanova, J. Bettencourt and D. Duvenaud, Neural ordinary differential equations (2018).
 */
export function neuralOde<P>({
  dynamics,
  times = [0, 1],
  ...options
}: NeuralOdeOptions<P>): NeuralOde<P> {
  const solve = (params: P, y0: TensorLike): OdeSolution<Tensor> =>
    odeint((y: Tensor, t: Tensor) => dynamics(y, t, params), tensor(y0), times, options);
  return { solve, apply: (params, y0) => solve(params, y0).ys.at(-1) };
}
