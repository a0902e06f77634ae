import {
  type Affine,
  affineLoop,
  affineScale,
  affineShift,
  affineZero,
  type Index,
} from '../kernel/affine.ts';
import type { Loop } from '../kernel/expr.ts';
import type { DType } from '../tensor/dtype.ts';
import { DTypeError, type Shape, ShapeError, sizeOf } from '../tensor/shape.ts';
import { describeType, type TensorType } from '../tensor/type.ts';

/** An operation on each line of elements along one axis. */
export interface AlongParams {
  readonly axis: number;
}

/** One that goes along the axis step by step. */
export interface CumulativeParams extends AlongParams {
  /** Whether it begins with the last element. */
  readonly reverse: boolean;
}

/** Throws unless the operand has the axis and one of the dtypes. */
export function checkAlong(
  name: string,
  x: TensorType,
  { axis }: AlongParams,
  dtypes: readonly DType[],
): void {
  if (!dtypes.includes(x.dtype)) {
    throw new DTypeError(`${name}: works on ${dtypes.join(', ')}; got ${describeType(x)}.`);
  }
  if (!(axis >= 0 && axis < x.shape.length)) {
    throw new ShapeError(`${name}: ${describeType(x)} has no axis ${axis}.`);
  }
}

/** The shape without the axis: one element for each line. */
export function linesOf(shape: Shape, axis: number): number[] {
  return shape.toSpliced(axis, 1);
}

/** The index of a position on a line. */
export function onLine(line: Index, axis: number, position: Affine): Index {
  return line.toSpliced(axis, 0, position);
}

/** The position of step `step` of a walk along `extent` elements. */
export function positionOf(step: Loop | number, extent: number, reverse: boolean): Affine {
  if (extent === 1) return affineZero;
  const forward = typeof step === 'number' ? { base: step, terms: [] } : affineLoop(step);
  return reverse ? affineShift(affineScale(forward, -1), extent - 1) : forward;
}

/** Row-major offsets of the elements of each line, in order along the axis. */
export function lineOffsets(shape: Shape, axis: number, reverse = false): number[][] {
  const extent = shape[axis] ?? 0;
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  return Array.from({ length: outer * inner }, (_, line) => {
    const start = Math.floor(line / inner) * extent * inner + (line % inner);
    const offsets = Array.from({ length: extent }, (_, i) => start + i * inner);
    return reverse ? offsets.reverse() : offsets;
  });
}
