import type { Noise } from '../backends/reference/noise.ts';
import { flatten, leafPaths, type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction, checkList } from '../tensor/check.ts';
import { isFloat, roundingUnit } from '../tensor/dtype.ts';
import { fromData, type Tensor } from '../tensor/tensor.ts';
import { argumentPaths, flattenTensors } from '../transforms/trace-tree.ts';

/** A function of the float leaves of its arguments, giving the float leaves of its result. */
export type FlatFunction = (...leaves: readonly Tensor[]) => readonly Tensor[];

/** A derivative that is wrong, or a test of one that could not have failed. */
export class GradientError extends Error {
  override readonly name = 'GradientError';
}

/** Elements of several tensors as plain numbers. */
export type Numbers = readonly Float64Array[];

/** A function of trees at a point, seen as one of plain lists of float tensors. */
export interface FlatProblem {
  readonly f: FlatFunction;
  readonly point: readonly Tensor[];
  readonly values: readonly Tensor[];
  /** Names of the leaves of the arguments, for messages. */
  readonly inputs: readonly string[];
  /** Names of the leaves of the result. */
  readonly outputs: readonly string[];
  /** Rounding unit of the coarsest dtype involved. */
  readonly unit: number;
}

/**
 * Leaves out what cannot be differentiated: integer and bool arguments are held fixed, and such
 * results ignored.
 *
 * @throws GradientError when no float argument or result is left, or a result is not finite.
 */
export function flatProblem(
  name: string,
  f: (...args: never) => unknown,
  args: readonly unknown[],
): FlatProblem {
  checkFunction(name, 'f', f);
  checkList(name, 'the arguments', args);
  const [leaves, treedef] = flattenTensors(args);
  const chosen = leaves.flatMap((leaf, i) => (isFloat(leaf.dtype) ? [i] : []));
  let outputs: readonly string[] = [];
  const flat: FlatFunction = (...moved) => {
    const all = leaves.map((leaf, i) => moved[chosen.indexOf(i)] ?? leaf);
    const [results, resultTree] = flattenTensors(f(...unflatten<never>(treedef, all)));
    outputs = resultNames(resultTree).filter((_, i) => isFloatTensor(results[i]));
    return results.filter(isFloatTensor);
  };
  const point = chosen.flatMap((i) => leaves[i] ?? []);
  const values = flat(...point);
  if (point.length === 0 || values.length === 0) {
    throw new GradientError(
      `${name}: f has ${point.length} float arguments and ${values.length} float results; it needs at least one of each.`,
    );
  }
  numbersOf(values).forEach((value, i) => {
    const at = value.findIndex((x) => !Number.isFinite(x));
    if (at >= 0) {
      throw new GradientError(
        `${name}: ${outputs[i]} is ${value[at]} at element ${at}; f must be finite where it is tested.`,
      );
    }
  });
  const paths = argumentPaths(treedef);
  return {
    f: flat,
    point,
    values,
    inputs: chosen.map((i) => paths[i] ?? ''),
    outputs,
    unit: Math.max(...[...point, ...values].map((x) => roundingUnit(x.dtype))),
  };
}

function isFloatTensor(x: Tensor | undefined): x is Tensor {
  return x !== undefined && isFloat(x.dtype);
}

function resultNames(result: TreeDef): string[] {
  return leafPaths(result).map((path) => (path === '' ? 'the result' : `result ${path}`));
}

export function numbersOf(tensors: readonly Tensor[]): Numbers {
  return tensors.map((x) => Float64Array.from(x.dataSync()));
}

/** Tensors of the types of `like` with other elements. */
export function tensorsOf(numbers: Numbers, like: readonly Tensor[]): Tensor[] {
  return like.map((x, i) => {
    const data = x.dtype === 'float32' ? new Float32Array(x.size) : new Float64Array(x.size);
    data.set(numbers[i] ?? []);
    return fromData(x.dtype, x.shape, data);
  });
}

/** `x + h v`. */
export function moved(point: readonly Tensor[], h: number, direction: Numbers): Tensor[] {
  const numbers = numbersOf(point);
  return tensorsOf(
    numbers.map((x, i) => x.map((value, k) => value + h * (direction[i]?.[k] ?? 0))),
    point,
  );
}

/** Normal random numbers in the shapes of tensors, rounded to their dtypes. */
export function randomLike(like: readonly Tensor[], noise: Noise): Numbers {
  return numbersOf(
    tensorsOf(
      like.map((x) => Float64Array.from({ length: x.size }, () => noise.normal())),
      like,
    ),
  );
}

/** A direction given as a tree in the structure of the arguments, or a random one. */
export function directionOf(
  name: string,
  given: unknown,
  problem: FlatProblem,
  noise: Noise,
): Numbers {
  if (given === undefined) return randomLike(problem.point, noise);
  const [leaves] = flatten(given);
  const direction = numbersOf(flattenTensors(given)[0].filter(isFloatTensor));
  const fits =
    direction.length === problem.point.length &&
    direction.every((v, i) => v.length === problem.point[i]?.size);
  if (!fits) {
    throw new GradientError(
      `${name}: the direction has ${leaves.length} leaves; it must have the structure and shapes of the arguments.`,
    );
  }
  return direction;
}

/** Sum of the products of corresponding elements. */
export function innerProduct(a: Numbers, b: Numbers): number {
  let sum = 0;
  a.forEach((x, i) => {
    x.forEach((value, k) => {
      sum += value * (b[i]?.[k] ?? Number.NaN);
    });
  });
  return sum;
}

/** Sum of the magnitudes of the terms of an inner product. */
export function pairingSize(a: Numbers, b: Numbers): number {
  const magnitude = (numbers: Numbers): Numbers => numbers.map((x) => x.map(Math.abs));
  return innerProduct(magnitude(a), magnitude(b));
}

export function allZero(numbers: Numbers): boolean {
  return numbers.every((x) => x.every((value) => value === 0));
}

/** Largest magnitude; NaN when one is NaN. */
export function maxNorm(numbers: Numbers): number {
  return Math.max(0, ...numbers.map((x) => x.reduce((m, v) => Math.max(m, Math.abs(v)), 0)));
}
