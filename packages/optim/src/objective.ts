import {
  jit,
  type Progress,
  type Tensor,
  type Traced,
  tensor,
  tree,
  valueAndGrad,
} from '@grad/core';
import { patientCall } from './patient-call.ts';

/** A point with the value and the gradient of the objective there. */
export interface Point {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

/** An objective of a tree as one of a vector. */
export interface Objective<X> {
  readonly start: Float64Array;
  /** Value and gradient; where they take long, other tasks have their turn meanwhile. */
  evaluate(
    x: Float64Array,
    signal: AbortSignal | undefined,
    onProgress?: (progress: Progress) => void,
  ): Promise<Point>;
  toTree(x: Float64Array): Traced<X>;
}

/** Compiles value and gradient of f, as functions of all elements of its argument. */
export function objectiveOf<const X>(
  name: string,
  f: (x: Traced<X>) => Tensor,
  x0: X,
): Objective<X> {
  const [vector, unravel] = tree.ravel(x0);
  checkFloat64(name, vector);
  return compileObjective((x) => f(unravel(x)), unravel)(vector, []);
}

/** The same for many starts, and with further arguments. */
export function compileObjective<X>(
  f: (x: Tensor, args: readonly Tensor[]) => Tensor,
  unravel: (x: Tensor) => Traced<X>,
): (start: Tensor, args: readonly Tensor[]) => Objective<X> {
  const both = patientCall(jit(valueAndGrad(f)));
  return (start, args) => ({
    start: numbersOf(start),
    async evaluate(x, signal, onProgress) {
      const [value, gradient] = await both([tensor(x), args], signal, onProgress);
      return { x, value: value.item(), gradient: numbersOf(gradient) };
    },
    toTree: (x) => unravel(tensor(x)),
  });
}

/** @throws TypeError when a start is of another dtype. */
export function checkFloat64(name: string, { dtype }: Tensor): void {
  if (dtype === 'float64') return;
  throw new TypeError(
    `${name}: the start is ${dtype}; minimization is done in float64. Convert it with astype('float64').`,
  );
}

function numbersOf(vector: Tensor): Float64Array {
  return vector.read((data) => Float64Array.from(data));
}
