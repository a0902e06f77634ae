import { cond, grad, jacfwd, logicalAnd, logicalOr, type Tensor, whileLoop } from '@grad/core';

type Scalar = (x: Tensor) => Tensor;

/** What makes the gradient of a function of a vector. */
export type Differentiate = (f: Scalar) => (x: Tensor) => Tensor;

export const forward: Differentiate = (f) => jacfwd(f);
export const reverse: Differentiate = (f) => grad(f);

interface State {
  readonly x: Tensor;
  readonly value: Tensor;
  readonly gradient: Tensor;
  readonly size: Tensor;
  /** Steps in a row that were taken. */
  readonly streak: Tensor;
}

const tolerance = 1e-5;
const norm = (v: Tensor): Tensor => v.square().sum().sqrt();

/**
 * Where f is smallest, by gradient descent from x: a step that lowers f is taken, one that does not
 * halves the step size, and ten in a row double it. It ends where the gradient or the step is short.
 */
export function minimizer(f: Scalar, x: Tensor, differentiate: Differentiate): Tensor {
  const derivative = differentiate(f);
  const goesOn = ({ gradient, size, streak }: State): Tensor => {
    const moves = norm(gradient.mul(size)).gt(tolerance);
    return logicalAnd(norm(gradient).gt(tolerance), logicalOr(streak.eq(10), moves));
  };
  const resize = (state: State, factor: number): State => ({
    ...state,
    size: state.size.mul(factor),
    streak: state.streak.mul(0),
  });
  const step = (state: State): State => {
    const to = state.x.sub(state.gradient.mul(state.size));
    const value = f(to);
    const take = (s: State): State => ({
      x: to,
      value,
      gradient: derivative(to),
      size: s.size,
      streak: s.streak.add(1),
    });
    return cond(value.lt(state.value), take, (s: State) => resize(s, 0.5), state);
  };
  const start = { x, value: f(x), gradient: derivative(x), size: 1e-5, streak: 0 };
  const end = whileLoop(
    goesOn,
    (state) => cond(state.streak.eq(10), (s: State) => resize(s, 2), step, state),
    start,
  );
  return end.x;
}

/** Where f is largest, by gradient ascent from x. */
export function maximizer(f: Scalar, x: Tensor, differentiate: Differentiate): Tensor {
  return minimizer((at) => f(at).neg(), x, differentiate);
}
