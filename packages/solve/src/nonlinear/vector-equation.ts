import { DTypeError, ShapeError, type Tensor, type Traced, tree } from '@grad/core';

/** A function of trees that keeps the structure of its first argument, as one of vectors. */
export interface VectorEquation<X> {
  readonly x0: Tensor;
  readonly f: (x: Tensor) => Tensor;
  unravel(x: Tensor): Traced<X>;
}

/** Lays out the unknowns as one vector of floats. */
export function vectorEquation<X, A>(
  name: string,
  f: (x: Traced<X>, args: Traced<A>) => unknown,
  start: X,
  args: A | undefined,
): VectorEquation<X> {
  if (typeof f !== 'function') {
    throw new TypeError(`${name}: the first argument must be a function f(x, args).`);
  }
  const leaves = tree.leaves(start);
  const other = leaves.find(({ dtype }) => dtype !== 'float64' && dtype !== 'float32');
  if (other) {
    throw new DTypeError(
      `${name}: x0 has ${other.dtype} elements; unknowns are float64 or float32. Use astype.`,
    );
  }
  const given = tree.map((leaf) => leaf, args);
  const [x0, unravel] = tree.ravel(start);
  const shapes = (of: readonly Tensor[]): string =>
    of.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
  return {
    x0,
    unravel,
    f: (x) => {
      const value: unknown = Reflect.apply(f, undefined, [unravel(x), given]);
      const [found, wanted] = [shapes(tree.leaves(value)), shapes(leaves)];
      if (found !== wanted) {
        throw new ShapeError(
          `${name}: f gives tensors of shapes ${found} for unknowns of shapes ${wanted}; it must keep the structure of x.`,
        );
      }
      return tree.ravel(value)[0].astype(x.dtype);
    },
  };
}
