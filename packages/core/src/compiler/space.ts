import { type Affine, affineLoop, affineZero, type Index } from '../kernel/affine.ts';
import type { Loop } from '../kernel/expr.ts';
import type { Statement } from '../kernel/statement.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import type { TensorType, ValueType } from '../tensor/type.ts';

/** Values of at most this many elements live in scalars of straight-line code, without loops. */
const smallSize = 9;

/** Whether code for the elements of a shape is unrolled. */
export function isSmall(shape: Shape): boolean {
  return sizeOf(shape) <= smallSize;
}

/** The type of a value of a kernel. */
export function dense(type: ValueType): TensorType {
  if (type.kind === 'tensor') return type;
  throw new TypeError('A stack is not an operand of a kernel.');
}

/** Shapes with equal keys are iterated by the same loops: axes of extent 1 do not count. */
export function spaceKey(shape: Shape): string {
  return shape.filter((extent) => extent !== 1).join('x');
}

/** One loop for each axis that has not extent 1, outermost first. */
export function loopsOver(shape: Shape, name = 'i'): Loop[] {
  return shape
    .filter((extent) => extent !== 1)
    .map((extent, axis) => ({ name: `${name}${axis}`, extent }));
}

/** The position of `shape` at given positions on the axes that have not extent 1. */
export function placeIndex(shape: Shape, positions: readonly Affine[]): Index {
  let next = 0;
  return shape.map((extent) => (extent === 1 ? affineZero : (positions[next++] ?? affineZero)));
}

/** The position of `shape` in loops made by `loopsOver`. */
export function loopIndex(shape: Shape, loops: readonly Loop[]): Index {
  return placeIndex(shape, loops.map(affineLoop));
}

/** The same element of a tensor whose shape differs by axes of extent 1 only. */
export function moveIndex(index: Index, from: Shape, to: Shape): Index {
  return placeIndex(
    to,
    index.filter((_, axis) => from[axis] !== 1),
  );
}

/** Every position of a shape as constants, row-major. */
export function constantIndices(shape: Shape): Index[] {
  return shape.reduce<Index[]>(
    (prefixes, extent) =>
      prefixes.flatMap((prefix) =>
        Array.from({ length: extent }, (_, at) => [...prefix, { base: at, terms: [] }]),
      ),
    [[]],
  );
}

/** Statements inside loops, the first loop outermost. */
export function wrap(
  loops: readonly Loop[],
  parallel: boolean,
  body: readonly Statement[],
): Statement[] {
  let inner = [...body];
  for (const loop of loops.toReversed()) inner = [{ do: 'for', loop, parallel, body: inner }];
  return inner;
}
