import {
  concatenate,
  expandDims,
  type Jitted,
  jit,
  scan,
  type Tensor,
  type TensorLike,
  tensor,
} from '@grad/core';
import type { Model } from './rk4.ts';

/**
 * States of a model from the start to `steps` steps later, as one compiled loop: shape
 * [steps + 1, n], the start first.
 *
 * @throws ShapeError when `steps` is not a whole number of 0 or more.
 */
export function trajectory(model: Model, start: TensorLike, steps: number): Tensor {
  return compiledTrajectory(model, steps)(tensor(start));
}

/** The trajectory as a compiled function of the start. */
export function compiledTrajectory(model: Model, steps: number): Jitted<readonly [Tensor], Tensor> {
  return jit((first: Tensor): Tensor => {
    const [, states] = scan(
      (state: Tensor) => {
        const next = model(state);
        return [next, next];
      },
      first,
      null,
      { length: steps },
    );
    return concatenate([expandDims(first, 0), states]);
  });
}
