import {
  concatenate,
  expandDims,
  jit,
  scan,
  type Tensor,
  type TensorLike,
  tensor,
  whileLoop,
} from '@grad/core';
import type { Model } from './rk4.ts';

/**
 * States of a model from the start to `steps` steps later, as one compiled loop: shape
 * [steps + 1, n], the start first.
 *
 * @throws ShapeError when `steps` is not a whole number of 0 or more.
 */
export function trajectory(model: Model, start: TensorLike, steps: number): Tensor {
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
  })(tensor(start));
}

/** The state some steps later, where their number is known when the call runs: an int32. */
export function advance(model: Model, start: Tensor, steps: Tensor): Tensor {
  const { state } = whileLoop(
    ({ done }) => done.lt(steps),
    ({ state: now, done }) => ({ state: model(now), done: done.add(1) }),
    { state: start, done: tensor(0, { dtype: 'int32' }) },
  );
  return state;
}
