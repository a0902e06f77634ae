import { type Affine, affineConst, affineLoop, affineOf, affineZero } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { constant } from '../kernel/scalars.ts';
import { allocate, isFloat, roundingUnit } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sizeOf } from '../tensor/shape.ts';
import { typeOf } from '../tensor/tensor.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { mul as times } from './arithmetic.ts';
import { concatenate } from './concatenate.ts';
import {
  type CallablePrimitive,
  definePrimitive,
  type LowerContext,
  type Read,
  type Sample,
} from './define.ts';
import { diagonalEquation, sameUnits } from './diagonal-equation.ts';
import { forLaws, type Laws } from './for-laws.ts';
import {
  abs,
  eachFrom,
  int,
  type KernelMatrix,
  matrixAt,
  place,
  rowOf,
  vectorAt,
} from './kernel-matrix.ts';
import { add, mul } from './kernel-pair.ts';
import { matrixTranspose } from './matrices.ts';
import { multiply, rows, symmetric } from './matrix.ts';
import { apart } from './matrix-samples.ts';
import { scaleFor } from './matrix-scale.ts';
import type { NestBuilder } from './nest-builder.ts';
import { rankOf } from './rank.ts';
import { reduceSum } from './reduce.ts';
import { symmetricEigen } from './reference-eigen.ts';
import { reshape } from './reshape.ts';
import { signOf } from './row-sign.ts';
import { accumulate, tridiagonalize } from './tridiagonal.ts';
import { iterateQl, sweepsForEach } from './tridiagonal-ql.ts';

export interface EighParams {
  /** Whether eigenvectors are wanted too. */
  readonly vectors: boolean;
  /** In derivatives, eigenvalues nearer than this share of the largest count as one. */
  readonly near?: number;
}

type Context = LowerContext<1, EighParams>;

/**
 * Eigenvalues of the symmetric matrices (x + x') / 2 in rising order, and eigenvectors.
 *
 * The result is `[..., n + 1, n]`: a row of eigenvalues, then the eigenvectors as rows; or `[..., n]`
 * without vectors. In each vector the first element whose magnitude is at least 0.9 of the largest is
 * positive. Where x is not finite all is NaN.
 *
 * The tangent of eigenvalue i is v_i' dA v_i, and that of v_i the sum of v_j (v_j' dA v_i) / (w_i - w_j)
 * (Magnus, On differentiating eigenvalues and eigenvectors, Econometric Theory 1 (1985) 179-191), in
 * which eigenvectors of one eigenvalue, up to rounding, do not move into each other (`diagonalEquation`).
 */
export const eigh: CallablePrimitive<1, EighParams> = definePrimitive({
  name: 'eigh',
  arity: 1,
  type: ([x], { vectors }: EighParams) => {
    const n = x.shape.at(-1);
    if (n === undefined || n !== x.shape.at(-2)) {
      throw new ShapeError(`eigh: needs square matrices [..., n, n]; got ${describeType(x)}.`);
    }
    if (!isFloat(x.dtype)) {
      throw new DTypeError(`eigh: works on float64 and float32; got ${describeType(x)}.`);
    }
    const lead = x.shape.slice(0, -2);
    return tensorType(x.dtype, vectors ? [...lead, n + 1, n] : [...lead, n]);
  },
  linearize: ([x], { vectors, near }) => {
    const n = x.shape.at(-1) ?? 0;
    const packed = eigh(x, { vectors: true, ...(near !== undefined && { near }) });
    const values = rows(packed, 0, 1);
    const basis = rows(packed, 1, n);
    if (!vectors) {
      return [
        reshape(values, { shape: values.shape.toSpliced(-2, 1) }),
        (dx) =>
          reduceSum(times(multiply(basis, symmetric(dx)), basis), { axes: [x.shape.length - 1] }),
      ];
    }
    const m = multiply(multiply(basis, symmetric(x)), matrixTranspose(basis));
    const equation = {
      right: -1,
      units: near === undefined ? sameUnits * n : near / roundingUnit(typeOf(x).dtype),
    } as const;
    return [
      packed,
      (dx) => {
        const moved = multiply(basis, symmetric(dx));
        const change = reduceSum(times(moved, basis), { axes: [x.shape.length - 1] });
        const turn = diagonalEquation(values, m, multiply(moved, matrixTranspose(basis)), equation);
        return concatenate([reshape(change, { shape: values.shape }), multiply(turn, basis)], {
          axis: x.shape.length - 2,
        });
      },
    ];
  },
  vmap: ([x], _, params) => eigh(x, params),
  idle: [0],
  mayFail: true,
  lower: {
    kind: 'nest',
    emit: (k, [read], context) => {
      const [x] = context.operands;
      const lead = x.shape.slice(0, -2);
      if (sizeOf(x.shape) === 0) return;
      emitIteration(k, read, context, lead);
    },
  },
});

/** What the laws hold `eigh` to. */
export const eighLaws: Laws = forLaws<1, EighParams>(eigh, {
  reference: ([x], result, { vectors }) => {
    const n = x.type.shape.at(-1) ?? 0;
    const data = allocate(result.dtype, sizeOf(result.shape));
    const size = vectors ? (n + 1) * n : n;
    for (let entry = 0; entry * n * n < x.data.length; entry++) {
      const { values, vectors: found } = symmetricEigen(
        x.data.subarray(entry * n * n, (entry + 1) * n * n),
        n,
      );
      data.set(values, entry * size);
      if (!vectors) continue;
      for (const [i, vector] of found.entries()) data.set(vector, entry * size + (i + 1) * n);
    }
    return data;
  },
  samples: () =>
    [0, 1, 2, 3, 5].flatMap((n): Sample<EighParams>[] =>
      [true, false].flatMap((vectors) => [
        { title: `${n} by ${n}`, operands: [apart([n, n])], params: { vectors } },
        ...(n === 3
          ? [{ title: 'a batch', operands: [apart([2, n, n])], params: { vectors } }]
          : []),
      ]),
    ),
});

function emitIteration(
  k: NestBuilder,
  read: Read,
  context: Context,
  lead: readonly number[],
): void {
  const [{ shape, dtype }] = context.operands;
  const { vectors } = context.params;
  if (dtype !== 'float64' && dtype !== 'float32') throw new Error('unreachable');
  const n = shape.at(-1) ?? 0;
  const limit = sweepsForEach * n;
  const site = context.site('notConverged', limit);
  const memory = k.scratch(dtype, [...lead, n + 1, n]);
  const basisMemory = vectors ? k.scratch(dtype, [...lead, n, n]) : undefined;
  const lines = k.scratch(dtype, [...lead, 5, n + 1]);
  const half = constant(dtype, 0.5);
  k.forEach(lead, (entry) => {
    const a = matrixAt(memory, entry);
    const line = (i: number) => vectorAt(lines, [...entry, affineConst(i)]);
    const [diagonal, beside, taus, w, p] = [line(0), line(1), line(2), line(3), line(4)];
    const element = (i: Affine, j: Affine): Expr =>
      mul(half, add(read([...entry, i, j]), read([...entry, j, i])));
    const size = k.local(
      dtype,
      k.reduce('max', [n, n], ([i, j]) => abs(element(i ?? affineZero, j ?? affineZero))),
    );
    const { finite, scale, unscale } = scaleFor(k, size.get());
    k.choose(
      finite,
      () => {
        k.forEach([n, n], ([i = affineZero, j = affineZero]) => {
          a.write(i, j, mul(element(i, j), scale.get()));
        });
        tridiagonalize(k, dtype, n, a, { diagonal, beside, taus }, { w, p });
        let basis: KernelMatrix | undefined;
        if (basisMemory) {
          accumulate(k, dtype, n, a, taus, p);
          basis = matrixAt(basisMemory, entry);
          k.forEach([n, n], ([i = affineZero, j = affineZero]) => basis?.write(i, j, a.read(j, i)));
        }
        iterateQl(k, {
          type: dtype,
          n,
          diagonal,
          beside,
          cosines: w,
          sines: p,
          rows: basis,
          limit,
          site,
        });
        k.sequential(n, (loop) => {
          const row = affineLoop(loop);
          const own = k.local('int32', rankOf(k, dtype, n, diagonal, row, 'rising'));
          const value = mul(diagonal.read(row), unscale.get());
          if (!basis) {
            k.write(0, [...entry, affineOf(own.get())], value);
            return;
          }
          const { read: element } = rowOf(basis, row);
          const sign = signOf(k, dtype, n, element);
          k.write(0, [...entry, affineZero, affineOf(own.get())], value);
          eachFrom(k, int(0), int(n), (at) =>
            k.write(0, [...entry, place(own.get(), 1), at], mul(sign.get(), element(at))),
          );
        });
      },
      () => {
        const result = context.results[0]?.shape.slice(lead.length) ?? [];
        k.forEach(result, (index) => k.write(0, [...entry, ...index], constant(dtype, Number.NaN)));
      },
    );
  });
}
