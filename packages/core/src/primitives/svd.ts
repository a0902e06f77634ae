import {
  type Affine,
  affineAdd,
  affineConst,
  affineLoop,
  affineOf,
  affineScale,
  affineShift,
  affineZero,
} from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary, constant, indexValue } from '../kernel/scalars.ts';
import { allocate, isFloat } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sizeOf } from '../tensor/shape.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { accumulateRows, bidiagonalize } from './bidiagonal.ts';
import { iterateQr, sweepsForEach } from './bidiagonal-qr.ts';
import { type CallablePrimitive, definePrimitive, type LowerContext, type Read } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';
import {
  abs,
  eachFrom,
  int,
  type KernelMatrix,
  matrixAt,
  rowOf,
  vectorAt,
} from './kernel-matrix.ts';
import { mul } from './kernel-pair.ts';
import { scaleFor } from './matrix-scale.ts';
import type { NestBuilder } from './nest-builder.ts';
import { rankOf } from './rank.ts';
import { singularValues } from './reference-svd.ts';
import { signOf } from './row-sign.ts';
import { linearizeSvd } from './svd-derivative.ts';
import { packingOf, type SvdParams } from './svd-packing.ts';
import { svdSamples } from './svd-samples.ts';

type Context = LowerContext<1, SvdParams>;

/**
 * Singular values of matrices `[..., m, n]` in falling order, and singular vectors.
 *
 * The result is `[..., k]`, k = min(m, n), without vectors. With them it is `[..., size]`: U' as rows, the
 * k values, and V' as rows, one after the other; of U' and V' there are k rows (thin), or m and n (full).
 * In each row of U' the first element whose magnitude is at least 0.9 of the largest is positive, and so it is in
 * rows of V' that have no singular value. Where x is not finite all is NaN.
 */
export const svd: CallablePrimitive<1, SvdParams> = definePrimitive({
  name: 'svd',
  arity: 1,
  type: ([x], params: SvdParams) => {
    if (x.shape.length < 2) {
      throw new ShapeError(`svd: needs matrices [..., m, n]; got ${describeType(x)}.`);
    }
    if (!isFloat(x.dtype)) {
      throw new DTypeError(`svd: works on float64 and float32; got ${describeType(x)}.`);
    }
    return tensorType(x.dtype, [...x.shape.slice(0, -2), packingOf(x.shape, params).size]);
  },
  linearize: ([x], params) => linearizeSvd(svd, x, params),
  vmap: ([x], _, params) => svd(x, params),
  idle: [0],
  mayFail: true,
  lower: {
    kind: 'nest',
    emit: (k, [read], context) => {
      if (sizeOf(context.results[0]?.shape ?? []) > 0) emitSvd(k, read, context);
    },
  },
});

/** What the laws hold `svd` to. */
export const svdLaws: Laws = forLaws<1, SvdParams>(svd, {
  reference: ([x], result, params) => {
    const { m, n, size, vectors, values, right } = packingOf(x.type.shape, params);
    const data = allocate(result.dtype, sizeOf(result.shape));
    for (let entry = 0; entry * size < data.length; entry++) {
      const found = singularValues(x.data.subarray(entry * m * n, (entry + 1) * m * n), [m, n]);
      data.set(found.values, entry * size + values);
      if (vectors === 0) continue;
      const put = (rows: readonly (readonly number[])[], at: number, extent: number): void => {
        for (const [i, row] of rows.entries()) data.set(row, entry * size + at + i * extent);
      };
      const all = params.vectors === 'full';
      put(all ? found.left : found.left.slice(0, vectors), 0, m);
      put(all ? found.right : found.right.slice(0, vectors), right, n);
    }
    return data;
  },
  samples: svdSamples,
});

function emitSvd(k: NestBuilder, read: Read, context: Context): void {
  const [{ shape, dtype }] = context.operands;
  const { vectors } = context.params;
  if (dtype !== 'float64' && dtype !== 'float32') throw new Error('unreachable');
  const packing = packingOf(shape, context.params);
  const { m, n, short, long } = packing;
  const lead = shape.slice(0, -2);
  const limit = sweepsForEach * short;
  const site = context.site('notConverged', limit);
  const wanted = vectors !== 'none';
  const full = vectors === 'full';
  // Rows are columns of x, or its rows where these are longer: U' or V' in the end.
  const longRows = full ? long : short;
  const longMemory = k.scratch(dtype, [...lead, longRows, long]);
  const shortMemory = k.scratch(dtype, [...lead, short, short]);
  const lines = k.scratch(dtype, [...lead, 8, long + 1]);
  k.forEach(lead, (entry) => {
    const longSide = matrixAt(longMemory, entry);
    const shortSide = matrixAt(shortMemory, entry);
    const line = (i: number) => vectorAt(lines, [...entry, affineConst(i)]);
    const [diagonal, beside, leftTaus, rightTaus] = [line(0), line(1), line(2), line(3)];
    const leftRotations = { cosines: line(4), sines: line(5) };
    const rightRotations = { cosines: line(6), sines: line(7) };
    const element = (i: Affine, j: Affine): Expr => read([...entry, ...(m >= n ? [j, i] : [i, j])]);
    const size = k.local(
      dtype,
      k.reduce('max', [short, long], ([i = affineZero, j = affineZero]) => abs(element(i, j))),
    );
    const { finite, scale, unscale } = scaleFor(k, size.get());
    k.choose(
      finite,
      () => {
        k.forEach([short, long], ([i = affineZero, j = affineZero]) => {
          longSide.write(i, j, mul(element(i, j), scale.get()));
        });
        const reduced = { diagonal, beside, leftTaus, rightTaus, right: shortSide };
        // There are no rotations yet.
        const { cosines: x, sines: y } = leftRotations;
        bidiagonalize(k, dtype, [short, long], longSide, reduced, { x, y });
        if (wanted) {
          accumulateRows(k, dtype, [longRows, long], short, longSide, leftTaus);
          // The first row stands for no reflection.
          rightTaus.write(affineZero, constant(dtype, 0));
          accumulateRows(k, dtype, [short, short], short, shortSide, rightTaus);
        }
        iterateQr(k, {
          type: dtype,
          n: short,
          diagonal,
          beside,
          left: { rows: wanted ? longSide : undefined, columns: long, ...leftRotations },
          right: { rows: wanted ? shortSide : undefined, columns: short, ...rightRotations },
          limit,
          site,
        });
        const write = (at: Affine, value: Expr): void => k.write(0, [...entry, at], value);
        k.sequential(short, (loop) => {
          const i = affineLoop(loop);
          const value = k.local(dtype, diagonal.read(i));
          beside.write(i, abs(value.get()));
          // A negative value turns its vector on the short side.
          leftTaus.write(i, binary('copysign', constant(dtype, 1), value.get()));
        });
        k.sequential(short, (loop) => {
          const i = affineLoop(loop);
          const own = k.local('int32', rankOf(k, dtype, short, beside, i, 'falling'));
          const value = mul(beside.read(i), unscale.get());
          write(affineShift(affineOf(own.get()), packing.values), value);
          if (!wanted) return;
          const [u, v] = m >= n ? [longSide, shortSide] : [shortSide, longSide];
          const sign = signOf(k, dtype, m, rowOf(u, i).read);
          const other = k.local(dtype, mul(leftTaus.read(i), sign.get()));
          writeRow(u, m, i, own.get(), 0, sign.get());
          writeRow(v, n, i, own.get(), packing.right, other.get());
        });
        if (full) {
          k.sequential(long - short, (loop) => {
            const i = affineShift(affineLoop(loop), short);
            const sign = signOf(k, dtype, long, rowOf(longSide, i).read);
            writeRow(longSide, long, i, indexValue(i), m >= n ? 0 : packing.right, sign.get());
          });
        }

        function writeRow(
          from: KernelMatrix,
          extent: number,
          row: Affine,
          to: Expr,
          offset: number,
          sign: Expr,
        ): void {
          const start = affineShift(affineScale(affineOf(to), extent), offset);
          eachFrom(k, int(0), int(extent), (at) =>
            write(affineAdd(start, at), mul(sign, from.read(row, at))),
          );
        }
      },
      () =>
        k.forEach([packing.size], (index) =>
          k.write(0, [...entry, ...index], constant(dtype, Number.NaN)),
        ),
    );
  });
}
