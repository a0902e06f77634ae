/** What the rounding errors of a primitive's results are proportional to; see `error-bound.ts`. */

import { type Primitive, primitiveOf, type ReferenceArray } from '../../primitives/define.ts';
import * as p from '../../primitives/index.ts';
import { packingOf } from '../../primitives/svd-packing.ts';
import type { Equation, Params } from '../../program/program.ts';
import { type Data, isFloat } from '../../tensor/dtype.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { TensorType } from '../../tensor/type.ts';
import { lawsOf } from './laws.ts';
import { isUnrounded } from './unrounded.ts';

/** Rounding units by which every rounded result moves. */
export const K = 8;

/** Primitives that add many terms; the magnitudes of these are the result for positive operands. */
export const summing: ReadonlySet<Primitive> = new Set<Primitive>([
  p.reduceSum,
  p.cumsum,
  p.recurrence,
  p.dot,
  p.convolve,
  p.butterfly,
  p.scatterAdd,
  p.sliceAdd,
  p.windowsAdd,
  p.dynamicUpdate,
  p.rowSums,
]);

/** Primitives whose results are right for operands that are near those given. */
export const backwardStable: ReadonlySet<Primitive> = new Set<Primitive>([
  p.cholesky,
  p.householderQr,
  p.luFactor,
  p.triangularSolve,
]);

/** The same, of vectors that are not unique where values are near each other. */
export const decompositions: ReadonlySet<Primitive> = new Set<Primitive>([p.eigh, p.svd]);

/** Sizes below which the errors of a primitive, by its name, do not shrink with its results. */
const floors: ReadonlyMap<string, number> = new Map([
  ['lgamma', 1],
  ['digamma', 1],
  ['incompleteGamma', 0.25],
  ['incompleteBeta', 4],
  ['logGammaDraw', 4],
  // Lengths of vectors and angles between them are right up to rounding units of 1.
  ['eigh', 4],
  ['svd', 4],
]);

/** What the rounding errors of each element are proportional to. */
export function magnitudes(
  { operation, params }: Equation,
  operands: readonly ReferenceArray[],
  { type, data }: ReferenceArray,
): Data {
  const primitive = primitiveOf(operation);
  if (floors.has(primitive.name)) return unitsOf(primitive, data);
  const { reference } = lawsOf(primitive);
  if (!summing.has(primitive) || !reference) {
    return data.map((x, i) => (isUnrounded(primitive, operands, i, x) ? 0 : x));
  }
  const positive = operands.map((operand) => ({
    type: operand.type,
    data: isFloat(operand.type.dtype) ? operand.data.map(Math.abs) : operand.data,
  }));
  const sums = reference(positive, type, params);
  if (primitive === p.butterfly) return sumsOfLines(sums, type);
  if (primitive !== p.scatterAdd) return sums;
  const ones = operands.map((operand, i) =>
    i === 1 ? operand : { type: operand.type, data: operand.data.map(() => Number(i === 2)) },
  );
  const counts = reference(ones, type, params);
  return sums.map((sum, i) => sum * Math.max(1, (2 * (counts[i] ?? 0)) / K));
}

/** Of transforms `[a, 2, r, l, s]` of positive numbers, the sums, at 0 along r, in all places. */
function sumsOfLines(transforms: Data, { shape: [, , r = 0, l = 0, s = 0] }: TensorType): Data {
  return transforms.map((_, to) => {
    const line = to - (to % (2 * r * l * s));
    const first = line + (to % (l * s));
    return (transforms[first] ?? 0) + (transforms[first + r * l * s] ?? 0);
  });
}

/**
 * What the errors that count as errors of an operand are proportional to: the largest element of its
 * matrix, or, for substitution, each element itself.
 */
export function uncertainty(primitive: Primitive, { type, data }: ReferenceArray): Data {
  return primitive === p.triangularSolve ? data.map(Math.abs) : sizesOfMatrices({ type, data });
}

/** Magnitudes that are not below what a primitive's errors are proportional to. */
function unitsOf({ name }: Primitive, data: Data): Data {
  const floor = floors.get(name) ?? 0;
  return data.map((x) => Math.max(Math.abs(x), floor));
}

/** For vectors units of 1, for values what errors of all elements of their matrix can add up to. */
export function decompositionUnits(
  primitive: Primitive,
  [operand]: readonly ReferenceArray[],
  data: Data,
  params: Params,
): Data {
  const units = unitsOf(primitive, data);
  if (!operand) return units;
  const { shape } = operand.type;
  const [m = 0, n = 0] = shape.slice(-2);
  const matrices = sizeOf(shape.slice(0, -2));
  const sizes = sizesOfMatrices(operand);
  const first = firstValue(shape, params);
  for (let i = 0; i < matrices; i++) {
    const from = (i * units.length) / matrices + first;
    const largest = sizes[i * m * n] ?? 0;
    units.fill(Math.sqrt(m * n) * largest, from, from + Math.min(m, n));
  }
  return units;
}

/** Where the values of a matrix are: before the vectors of `eigh`, amid those of `svd`. */
function firstValue(shape: Shape, params: Params): number {
  const vectors = 'vectors' in params ? params.vectors : undefined;
  const wanted = vectors === 'thin' || vectors === 'full' ? vectors : 'none';
  return packingOf(shape, { vectors: wanted }).values;
}

/** For each element the largest one of its matrix. */
export function sizesOfMatrices({ type, data }: ReferenceArray): Data {
  const size = sizeOf(type.shape.slice(-2));
  const sizes = Float64Array.from(data, Math.abs);
  for (let from = 0; from < sizes.length; from += size) {
    sizes.fill(Math.max(...sizes.subarray(from, from + size)), from, from + size);
  }
  return sizes;
}
