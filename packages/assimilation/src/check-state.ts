import { isConcrete, ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';

/** A state in float64: a vector of finite numbers, as far as they are known. */
export function stateVector(caller: string, what: string, given: TensorLike): Tensor {
  const state = vector(`${caller}: the ${what}`, tensor(given, { dtype: 'float64' }));
  if (!isConcrete(state)) return state;
  const wrong = state.read((values) => values.findIndex((value) => !Number.isFinite(value)));
  if (wrong < 0) return state;
  throw new RangeError(
    `${caller}: component ${wrong} of the ${what} is ${state.at(wrong).item()}; all must be finite.`,
  );
}

export function vector(name: string, x: Tensor): Tensor {
  if (x.ndim === 1) return x;
  throw new ShapeError(
    `${name} has shape [${x.shape.join(', ')}]; a vector is needed. Put the fields of a state into one vector, for instance with tree.ravel.`,
  );
}

/** A vector as long as the background. */
export function checkShape(what: string, x: Tensor, background: Tensor): Tensor {
  if (x.ndim === 1 && x.size === background.size) return x;
  throw new ShapeError(
    `${what} has shape [${x.shape.join(', ')}]; the background has ${background.size} components.`,
  );
}
