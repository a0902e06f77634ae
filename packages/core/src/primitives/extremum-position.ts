import { affineZero, type Index } from '../kernel/affine.ts';
import type { Comparison, Expr } from '../kernel/expr.ts';
import { binary, compare, constant, indexValue, select } from '../kernel/scalars.ts';
import { allocate, type DType, isFloat } from '../tensor/dtype.ts';
import { ShapeError, sizeOf } from '../tensor/shape.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import {
  type AlongParams,
  type CumulativeParams,
  checkAlong,
  lineOffsets,
  linesOf,
  onLine,
  positionOf,
} from './along.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';

type Extremum = 'max' | 'min';

const numbers: readonly DType[] = ['float64', 'float32', 'int32'];
const beyond: { readonly [E in Extremum]: Comparison } = { max: 'gt', min: 'lt' };

/** Whether x takes the place of the extremum so far: when it is beyond it, or the first NaN. */
function replaces(of: Extremum, x: number, best: number): boolean {
  if (Number.isNaN(x)) return !Number.isNaN(best);
  return of === 'max' ? x > best : x < best;
}

function isNaNExpr(x: Expr): Expr {
  return compare('ne', x, x);
}

function isNumber(x: Expr): Expr {
  return compare('eq', x, x);
}

const hard = [-0, 0, 1, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-310];
const shapes: readonly { title: string; shape: readonly number[]; axis: number }[] = [
  { title: 'a vector', shape: [7], axis: 0 },
  { title: 'rows', shape: [3, 17], axis: 1 },
  { title: 'columns', shape: [17, 3], axis: 0 },
  { title: 'a middle axis', shape: [2, 5, 3], axis: 1 },
  { title: 'one element', shape: [1], axis: 0 },
  { title: 'no lines', shape: [0, 3], axis: 1 },
];

function samplesWith<P extends AlongParams>(complete: (axis: number) => P): Sample<P>[] {
  return [
    ...shapes.flatMap(({ title, shape, axis }): Sample<P>[] => [
      { title, operands: [{ shape }], params: complete(axis) },
      {
        title: `${title} of integers with ties`,
        operands: [{ shape, dtype: 'int32', from: -2, to: 2 }],
        params: complete(axis),
      },
    ]),
    { title: 'ties', operands: [{ shape: [5], values: [1, 3, 1, 3, 2] }], params: complete(0) },
    { title: 'special values', operands: [{ shape: [7], values: hard }], params: complete(0) },
    {
      title: 'special values backwards',
      operands: [{ shape: [7], values: hard.toReversed() }],
      params: complete(0),
    },
    {
      title: 'several NaN',
      operands: [{ shape: [5], values: [1, Number.NaN, 9, Number.NaN, -9] }],
      params: complete(0),
    },
  ];
}

function position(
  name: string,
  of: Extremum,
  self: () => CallablePrimitive<1, AlongParams>,
): CallablePrimitive<1, AlongParams> {
  return definePrimitive({
    name,
    arity: 1,
    type: ([x], params: AlongParams) => {
      checkAlong(name, x, params, numbers);
      if (x.shape[params.axis] === 0) {
        throw new ShapeError(
          `${name}: there are no elements on axis ${params.axis} of ${describeType(x)}.`,
        );
      }
      return tensorType('int32', linesOf(x.shape, params.axis));
    },
    linearize: ([x], params) => [self()(x, params), null],
    vmap: ([x], _, { axis }) => self()(x, { axis: axis + 1 }),
    lower: {
      kind: 'nest',
      emit: (k, [read], { params: { axis }, operands: [x] }) => {
        const extent = x.shape[axis] ?? 0;
        k.forEach(linesOf(x.shape, axis), (line) => {
          const at = ([i = affineZero]: Index): Expr => read(onLine(line, axis, i));
          const extremum = k.reduce(of, [extent], at);
          const where = k.reduce('min', [extent], (index) => {
            const value = at(index);
            const same = compare('eq', value, extremum);
            const bothNaN = binary('and', isNaNExpr(value), isNaNExpr(extremum));
            const attains = isFloat(x.dtype) ? binary('or', same, bothNaN) : same;
            const [i = affineZero] = index;
            return select(attains, indexValue(i), constant('int32', extent));
          });
          k.write(0, line, where);
        });
      },
    },
  });
}

/* @__NO_SIDE_EFFECTS__ */
function positionLaws(primitive: CallablePrimitive<1, AlongParams>, of: Extremum): Laws {
  return forLaws<1, AlongParams>(primitive, {
    reference: ([x], result, { axis }) => {
      const data = allocate(result.dtype, sizeOf(result.shape));
      lineOffsets(x.type.shape, axis).forEach((line, to) => {
        let best = 0;
        line.forEach((at, i) => {
          const [value, old] = [x.data[at] ?? 0, x.data[line[best] ?? 0] ?? 0];
          if (replaces(of, value, old)) best = i;
        });
        data[to] = best;
      });
      return data;
    },
    samples: () => samplesWith((axis) => ({ axis })),
  });
}

/** Position of the largest element on each line, the first of equal ones; NaN counts as largest. */
export const argmax: CallablePrimitive<1, AlongParams> = position('argmax', 'max', () => argmax);

/** What the laws hold `argmax` to. */
export const argmaxLaws: Laws = positionLaws(argmax, 'max');

/** Position of the smallest element on each line, the first of equal ones; NaN counts as smallest. */
export const argmin: CallablePrimitive<1, AlongParams> = position('argmin', 'min', () => argmin);

/** What the laws hold `argmin` to. */
export const argminLaws: Laws = positionLaws(argmin, 'min');

function cumulativePosition(
  name: string,
  of: Extremum,
  self: () => CallablePrimitive<1, CumulativeParams>,
): CallablePrimitive<1, CumulativeParams> {
  return definePrimitive({
    name,
    arity: 1,
    type: ([x], params: CumulativeParams) => {
      checkAlong(name, x, params, numbers);
      return tensorType('int32', x.shape);
    },
    linearize: ([x], params) => [self()(x, params), null],
    vmap: ([x], _, { axis, reverse }) => self()(x, { axis: axis + 1, reverse }),
    lower: {
      kind: 'nest',
      emit: (k, [read], { params: { axis, reverse }, operands: [x] }) => {
        const extent = x.shape[axis] ?? 0;
        k.forEach(linesOf(x.shape, axis), (line) => {
          const start = positionOf(0, extent, reverse);
          const best = k.local(x.dtype, read(onLine(line, axis, start)));
          const where = k.local('int32', indexValue(start));
          k.sequential(extent, (step) => {
            const here = positionOf(step, extent, reverse);
            const value = k.local(x.dtype, read(onLine(line, axis, here)));
            const further = compare(beyond[of], value.get(), best.get());
            const firstNaN = binary('and', isNaNExpr(value.get()), isNumber(best.get()));
            const better = k.local(
              'bool',
              isFloat(x.dtype) ? binary('or', further, firstNaN) : further,
            );
            where.set(select(better.get(), indexValue(here), where.get()));
            best.set(select(better.get(), value.get(), best.get()));
            k.write(0, onLine(line, axis, here), where.get());
          });
        });
      },
    },
  });
}

/* @__NO_SIDE_EFFECTS__ */
function cumulativePositionLaws(
  primitive: CallablePrimitive<1, CumulativeParams>,
  of: Extremum,
): Laws {
  return forLaws<1, CumulativeParams>(primitive, {
    reference: ([x], result, { axis, reverse }) => {
      const data = allocate(result.dtype, sizeOf(result.shape));
      const extent = x.type.shape[axis] ?? 0;
      for (const line of lineOffsets(x.type.shape, axis, reverse)) {
        let best = 0;
        line.forEach((at, i) => {
          const [value, old] = [x.data[at] ?? 0, x.data[line[best] ?? 0] ?? 0];
          if (replaces(of, value, old)) best = i;
          data[at] = reverse ? extent - 1 - best : best;
        });
      }
      return data;
    },
    samples: () => [
      ...samplesWith((axis) => ({ axis, reverse: false })),
      ...samplesWith((axis) => ({ axis, reverse: true })),
      { title: 'no elements', operands: [{ shape: [0] }], params: { axis: 0, reverse: false } },
    ],
  });
}

/** Position of the largest element so far, the first met of equal ones; NaN counts as largest. */
export const cumargmax: CallablePrimitive<1, CumulativeParams> = cumulativePosition(
  'cumargmax',
  'max',
  () => cumargmax,
);

/** What the laws hold `cumargmax` to. */
export const cumargmaxLaws: Laws = cumulativePositionLaws(cumargmax, 'max');

/** Position of the smallest element so far, the first met of equal ones; NaN counts as smallest. */
export const cumargmin: CallablePrimitive<1, CumulativeParams> = cumulativePosition(
  'cumargmin',
  'min',
  () => cumargmin,
);

/** What the laws hold `cumargmin` to. */
export const cumargminLaws: Laws = cumulativePositionLaws(cumargmin, 'min');
