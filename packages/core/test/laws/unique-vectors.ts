import { packingOf, type SvdParams } from '../../src/primitives/svd-packing.ts';
import type { Equation } from '../../src/program/program.ts';
import type { Data } from '../../src/tensor/dtype.ts';

/** Values nearer to each other than this share of the largest have vectors that are not compared one by one. */
const near = 1e-2;

function rowsOf(data: Data, from: number, count: number, extent: number): number[][] {
  return Array.from({ length: count }, (_, i) => [
    ...data.subarray(from + i * extent, from + (i + 1) * extent),
  ]);
}

/**
 * Vectors of values that are apart, and not 0, as they are; in the place of the others what is left of unit vectors in
 * the space that those of nearly equal values span, which is the same for every basis of it.
 */
function uniqueVectors(values: readonly number[], vectors: readonly number[][]): number[][] {
  const scale = Math.max(...values.map(Math.abs), Number.MIN_VALUE);
  return vectors.map((vector, i) => {
    const own = values[i] ?? 0;
    const others = vectors.filter((_, j) => Math.abs((values[j] ?? 0) - own) <= near * scale);
    // Of a space that has other vectors, without values, one is not told from those.
    const isNull = Math.abs(own) <= near * scale;
    if (isNull && vectors.length < vector.length) return vector.map(() => 0);
    if (others.length < 2 && !isNull) return vector;
    const unit = i % vector.length;
    return vector.map((_, at) =>
      others.reduce((sum, other) => sum + (other[unit] ?? 0) * (other[at] ?? 0), 0),
    );
  });
}

function shapeOf({ inputs }: Equation): readonly number[] {
  const type = inputs[0]?.type;
  if (type?.kind !== 'tensor') throw new Error('The operand is a tensor.');
  return type.shape;
}

/** What is unique in a result of `eigh`. */
export function uniqueEigen(result: Data, equation: Equation): Data {
  if (!('vectors' in equation.params) || equation.params.vectors !== true) return result;
  const n = shapeOf(equation).at(-1) ?? 0;
  const made = Float64Array.from(result);
  for (let from = 0; from < result.length; from += (n + 1) * n) {
    const [values = [], ...vectors] = rowsOf(result, from, n + 1, n);
    made.set(uniqueVectors(values, vectors).flat(), from + n);
  }
  return made;
}

/** What is unique in a result of `svd`. */
export function uniqueSingular(result: Data, equation: Equation): Data {
  const vectors = paramsOf(equation);
  const packing = packingOf(shapeOf(equation), { vectors });
  const made = Float64Array.from(result);
  if (vectors === 'none') return made;
  const { m, n, short, leftRows, rightRows, right, size } = packing;
  for (let from = 0; from < result.length; from += size) {
    const [values = []] = rowsOf(result, from + packing.values, 1, short);
    made.set(uniqueVectors(values, rowsOf(result, from, leftRows, m)).flat(), from);
    made.set(
      uniqueVectors(values, rowsOf(result, from + right, rightRows, n)).flat(),
      from + right,
    );
  }
  return made;
}

function paramsOf({ params }: Equation): SvdParams['vectors'] {
  const vectors = 'vectors' in params ? params.vectors : undefined;
  if (vectors === 'none' || vectors === 'thin' || vectors === 'full') return vectors;
  throw new Error('svd says which vectors it makes.');
}
