import { affineShift } from '../kernel/affine.ts';
import type { Scalar } from '../kernel/expr.ts';
import { binary, cast, compare, constant, select, unary } from '../kernel/scalars.ts';
import { allocate, type DType, isFloat } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import {
  type CumulativeParams,
  checkAlong,
  lineOffsets,
  linesOf,
  onLine,
  positionOf,
} from './along.ts';
import { tangentMul } from './arithmetic.ts';
import { CompensatedSum } from './compensated-sum.ts';
import { concatenate } from './concatenate.ts';
import { isLinear } from './cotangent.ts';
import { zeros } from './create.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { slice } from './slice.ts';
import { spreadAlong } from './spread.ts';

const numbers: readonly DType[] = ['float64', 'float32', 'int32'];

/** What running values of a dtype are kept in. */
function accumulator(dtype: DType): Scalar {
  return isFloat(dtype) ? 'float64' : 'int32';
}

const walks: readonly {
  readonly title: string;
  readonly shape: readonly number[];
  readonly params: CumulativeParams;
}[] = [
  { title: 'a vector', shape: [7], params: { axis: 0, reverse: false } },
  { title: 'a vector from its end', shape: [5], params: { axis: 0, reverse: true } },
  { title: 'rows', shape: [3, 5], params: { axis: 1, reverse: false } },
  { title: 'columns from below', shape: [5, 3], params: { axis: 0, reverse: true } },
  { title: 'a middle axis', shape: [2, 3, 5], params: { axis: 1, reverse: false } },
  { title: 'one element', shape: [1], params: { axis: 0, reverse: false } },
  { title: 'no elements', shape: [0], params: { axis: 0, reverse: false } },
  { title: 'no rows', shape: [0, 3], params: { axis: 1, reverse: true } },
];

/** Running sums along an axis, compensated; linear. */
export const cumsum: CallablePrimitive<1, CumulativeParams> = definePrimitive({
  name: 'cumsum',
  arity: 1,
  type: ([x], params: CumulativeParams) => {
    checkAlong('cumsum', x, params, numbers);
    return x;
  },
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x], { axis, reverse }) => {
    if (isLinear(x)) x.add(cumsum(ct, { axis, reverse: !reverse }));
  },
  vmap: ([x], _, { axis, reverse }) => cumsum(x, { axis: axis + 1, reverse }),
  dependence: { kind: 'like', like: ([x], { axis }) => spreadAlong(x, [axis]) },
  lower: {
    kind: 'nest',
    emit: (k, [read], { params: { axis, reverse }, operands: [x] }) => {
      const type = accumulator(x.dtype);
      const extent = x.shape[axis] ?? 0;
      const zero = constant(type, 0);
      k.forEach(linesOf(x.shape, axis), (line) => {
        const sum = k.local(type, zero);
        const lost = k.local(type, zero);
        k.sequential(extent, (step) => {
          const index = onLine(line, axis, positionOf(step, extent, reverse));
          const term = k.local(type, cast(type, read(index)));
          const next = k.local(type, binary('add', sum.get(), term.get()));
          if (!isFloat(x.dtype)) {
            sum.set(next.get());
            k.write(0, index, next.get());
            return;
          }
          // The rounding error of the addition, exactly (Knuth's two-sum).
          const added = k.local(type, binary('sub', next.get(), sum.get()));
          const kept = binary('sub', next.get(), added.get());
          const error = binary(
            'add',
            binary('sub', sum.get(), kept),
            binary('sub', term.get(), added.get()),
          );
          lost.set(binary('add', lost.get(), error));
          sum.set(next.get());
          const infinity = constant(type, Number.POSITIVE_INFINITY);
          const finite = compare('lt', unary('abs', next.get()), infinity);
          const whole = binary('add', next.get(), lost.get());
          k.write(0, index, cast(x.dtype, select(finite, whole, next.get())));
        });
      });
    },
  },
});

/** What the laws hold `cumsum` to. */
export const cumsumLaws: Laws = forLaws<1, CumulativeParams>(cumsum, {
  reference: ([x], result, { axis, reverse }) => {
    const data = allocate(result.dtype, x.data.length);
    for (const line of lineOffsets(x.type.shape, axis, reverse)) {
      const sum = new CompensatedSum();
      for (const at of line) {
        sum.add(x.data[at] ?? Number.NaN);
        data[at] = sum.value;
      }
    }
    return data;
  },
  samples: () => [
    ...walks.flatMap(({ title, shape, params }): Sample<CumulativeParams>[] => [
      { title, operands: [{ shape }], params },
      { title: `${title} of integers`, operands: [{ shape, dtype: 'int32' }], params },
    ]),
    {
      title: 'terms that cancel',
      operands: [{ shape: [5], values: [1e16, 1, -1e16, 1e-3, -1] }],
      params: { axis: 0, reverse: false },
      smooth: false,
    },
    {
      title: 'special values',
      operands: [{ shape: [6], values: [-0, 1e-310, 1, Number.POSITIVE_INFINITY, -1, Number.NaN] }],
      params: { axis: 0, reverse: false },
      smooth: false,
    },
  ],
});

/** x one step later along a walk, zero at its beginning. */
function delayed(x: Tensor, { axis, reverse }: CumulativeParams): Tensor {
  const extent = x.shape[axis] ?? 0;
  if (extent === 0) return x;
  const kept = slice(x, {
    start: x.shape.map((_, i) => (i === axis && reverse ? 1 : 0)),
    extents: x.shape.with(axis, extent - 1),
    step: x.shape.map(() => 1),
  });
  const zero = zeros(tensorType(x.dtype, x.shape.with(axis, 1)));
  return concatenate(reverse ? [kept, zero] : [zero, kept], { axis });
}

/**
 * The linear recurrence y[i] = a[i] y[i-1] + b[i] along an axis, which begins with y[0] = b[0]: the
 * first of a is not used. Its derivatives are such recurrences too, and exact where a is zero.
 */
export const recurrence: CallablePrimitive<2, CumulativeParams> = definePrimitive({
  name: 'recurrence',
  arity: 2,
  type: ([a, b], params: CumulativeParams) => {
    checkAlong('recurrence', a, params, numbers);
    const both = `${describeType(a)} and ${describeType(b)}`;
    if (b.dtype !== a.dtype) throw new DTypeError(`recurrence: dtypes differ: ${both}.`);
    if (!sameShape(a.shape, b.shape)) throw new ShapeError(`recurrence: shapes differ: ${both}.`);
    return tensorType(a.dtype, a.shape, a.weak && b.weak);
  },
  linearize: ([a, b], params) => {
    const y = recurrence(a, b, params);
    return [
      y,
      (da) => recurrence(a, tangentMul(delayed(y, params), da), params),
      (db) => recurrence(a, db, params),
    ];
  },
  transpose: (ct, [a, b], { axis, reverse }) => {
    if (isLinear(a) || !isLinear(b)) return;
    const back = { axis, reverse: !reverse };
    b.add(recurrence(delayed(a, back), ct, back));
  },
  vmap: (operands, batched, { axis, reverse }) => {
    const [a, b] = alignBatch(operands, batched);
    if (!a || !b) throw new Error('unreachable');
    return recurrence(a, b, { axis: axis + 1, reverse });
  },
  dependence: { kind: 'like', like: ([, b], { axis }) => spreadAlong(b, [axis]) },
  lower: {
    kind: 'nest',
    emit: (k, [readA, readB], { params: { axis, reverse }, operands: [a] }) => {
      const type = accumulator(a.dtype);
      const extent = a.shape[axis] ?? 0;
      k.forEach(linesOf(a.shape, axis), (line) => {
        const first = onLine(line, axis, positionOf(0, extent, reverse));
        const y = k.local(type, cast(type, readB(first)));
        k.write(0, first, cast(a.dtype, y.get()));
        k.sequential(extent - 1, (step) => {
          const next = affineShift(positionOf(step, extent, reverse), reverse ? -1 : 1);
          const index = onLine(line, axis, next);
          const factor = cast(type, readA(index));
          y.set(binary('add', binary('mul', factor, y.get()), cast(type, readB(index))));
          k.write(0, index, cast(a.dtype, y.get()));
        });
      });
    },
  },
});

/** What the laws hold `recurrence` to. */
export const recurrenceLaws: Laws = forLaws<2, CumulativeParams>(recurrence, {
  reference: ([a, b], result, { axis, reverse }) => {
    const data = allocate(result.dtype, a.data.length);
    for (const line of lineOffsets(a.type.shape, axis, reverse)) {
      let y = 0;
      line.forEach((at, i) => {
        const [factor, term] = [a.data[at] ?? Number.NaN, b.data[at] ?? Number.NaN];
        if (i === 0) y = term;
        else if (isFloat(result.dtype)) y = factor * y + term;
        else y = (Math.imul(factor, y) + term) | 0;
        data[at] = y;
      });
    }
    return data;
  },
  samples: () => [
    ...walks.flatMap(({ title, shape, params }): Sample<CumulativeParams>[] => [
      { title, operands: [{ shape }, { shape }], params },
      {
        title: `${title} of integers`,
        operands: [
          { shape, dtype: 'int32' },
          { shape, dtype: 'int32' },
        ],
        params,
      },
    ]),
    {
      title: 'factors of zero',
      operands: [{ shape: [5], values: [0, 2, 0, 0, 3] }, { shape: [5] }],
      params: { axis: 0, reverse: false },
    },
    {
      title: 'special values',
      operands: [
        { shape: [5], values: [Number.POSITIVE_INFINITY, -1, -0, 1e-310, Number.NaN] },
        { shape: [5], values: [-0, -0, Number.NEGATIVE_INFINITY, 1, 1] },
      ],
      params: { axis: 0, reverse: false },
      smooth: false,
    },
  ],
});
