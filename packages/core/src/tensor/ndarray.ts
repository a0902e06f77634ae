import ndarray, { type NdArray } from 'ndarray';
import type { Data } from './dtype.ts';
import { rowMajorStrides, type Shape, sizeOf } from './shape.ts';

/** An `ndarray` over row-major data. */
export function ndarrayOf(data: Data, shape: Shape): NdArray<Data> {
  try {
    return ndarray(data, [...shape], rowMajorStrides(shape));
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    throw new Error(
      "ndarray: the package `ndarray` writes code for each number of axes, which this page's content security policy forbids. Allow 'unsafe-eval', or take the elements with dataSync() or toArray().",
      { cause: error },
    );
  }
}

/** What `ndarray` makes, told by its parts, so that another copy of the package works as well. */
export function isNdarray(value: unknown): value is NdArray {
  return (
    typeof value === 'object' &&
    value !== null &&
    'shape' in value &&
    'stride' in value &&
    'offset' in value &&
    'data' in value &&
    'get' in value
  );
}

/** Calls `visit` with each element of an `ndarray` in row-major order, whatever its strides. */
export function forEachElement(
  array: NdArray,
  visit: (value: number, index: number) => void,
): void {
  const { shape } = array;
  const size = sizeOf(shape);
  const position = shape.map(() => 0);
  for (let i = 0; i < size; i++) {
    visit(Number(array.get(...position)), i);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1;
      position[axis] = next;
      if (next < (shape[axis] ?? 0)) break;
      position[axis] = 0;
    }
  }
}
