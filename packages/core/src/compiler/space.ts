import {
  type Affine,
  affineConst,
  affineLoop,
  affineZero,
  flattenIndex,
  type Index,
  sameAffine,
  unflattenIndex,
} from '../kernel/affine.ts';
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

/** The same element, counted row by row, of a tensor of another shape. */
export function moveIndex(index: Index, from: Shape, to: Shape): Index {
  if (spaceKey(from) !== spaceKey(to)) return unflattenIndex(flattenIndex(index, from), to);
  return placeIndex(
    to,
    index.filter((_, axis) => from[axis] !== 1),
  );
}

/** Whether elements of one shape are found in another, and back, without a division that stays. */
export function refines(from: Shape, to: Shape): boolean {
  if (spaceKey(from) === spaceKey(to)) return true;
  if (sizeOf(from) !== sizeOf(to)) return false;
  const index = loopIndex(from, loopsOver(from));
  const back = moveIndex(moveIndex(index, from, to), to, from);
  return back.every((position, axis) => sameAffine(position, index[axis] ?? affineZero));
}

/** Every position of a shape as constants, row-major. */
export function constantIndices(shape: Shape): Index[] {
  let prefixes: Index[] = [[]];
  for (const extent of shape) {
    const positions = Array.from({ length: extent }, (_, at) => affineConst(at));
    prefixes = prefixes.flatMap((prefix) => positions.map((position) => [...prefix, position]));
  }
  return prefixes;
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
