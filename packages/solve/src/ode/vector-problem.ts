import { DTypeError, ShapeError, type Tensor, type Traced, tensor, tree, vmap } from '@grad/core';
import type { Slope } from './method.ts';

/** A differential equation of a tree as one of a vector. */
export interface VectorProblem<Y> {
  readonly y0: Tensor;
  readonly f: Slope;
  unravel(y: Tensor): Traced<Y>;
  /** States at several times. */
  unravelAll(ys: Tensor): Traced<Y>;
}

/** Lays out the state as one vector of floats. */
export function vectorState<Y>(name: string, y0: Y): Omit<VectorProblem<Y>, 'f'> {
  const leaves = tree.leaves(y0);
  const other = leaves.find(({ dtype }) => dtype !== 'float64' && dtype !== 'float32');
  if (other) {
    throw new DTypeError(
      `${name}: y0 has ${other.dtype} elements; a state is float64 or float32. Use astype.`,
    );
  }
  if (leaves.length === 0 || leaves.every(({ size }) => size === 0)) {
    throw new ShapeError(`${name}: y0 has no elements; give at least one number.`);
  }
  const [vector, unravel] = tree.ravel(y0);
  return { y0: vector, unravel, unravelAll: (ys) => vmap((y: Tensor) => unravel(y))(ys) };
}

/**
 * A right-hand side of trees as one of vectors.
 *
 * @throws TypeError when f does not keep the structure of the state; ShapeError when it changes a shape.
 */
export function vectorSlope<Y>(
  name: string,
  f: (y: Traced<Y>, t: Tensor) => unknown,
  unravel: (y: Tensor) => Traced<Y>,
): Slope {
  return (t, y) => {
    const state = unravel(y);
    const slope = f(state, t);
    const places = sameStructure(name, state, slope);
    const [vector] = tree.ravel(places);
    return vector.astype(y.dtype);
  };
}

/** The second tree, after a look at whether it is like the first. */
function sameStructure<Y>(name: string, state: Y, slope: unknown): Traced<Y> {
  const check = (y: Tensor, dy: Tensor): Tensor => {
    const derivative = tensor(dy);
    if (String(derivative.shape) !== String(y.shape)) {
      throw new ShapeError(
        `${name}: f gives a derivative of shape [${derivative.shape.join(', ')}] for a state of shape [${y.shape.join(', ')}]; give one number for each of the state.`,
      );
    }
    return derivative.astype(y.dtype);
  };
  const [given, wanted] = [tree.leaves(slope).length, tree.leaves(state).length];
  if (given !== wanted) {
    throw new TypeError(
      `${name}: f gives ${given} tensors for a state of ${wanted}; return the derivative in the structure of y.`,
    );
  }
  return tree.map((y, ...rest) => check(y, rest[0] ?? y), state, slope);
}
