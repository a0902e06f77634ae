import type { Index } from '../kernel/affine.ts';
import type { Combine } from '../kernel/statement.ts';
import { allocate, type Data, type DType, isFloat } from '../tensor/dtype.ts';
import { DTypeError, rowMajorStrides, type Shape, ShapeError, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, type TensorType, tensorType } from '../tensor/type.ts';
import { div, mul } from './arithmetic.ts';
import { broadcast } from './broadcast.ts';
import { cast } from './cast.ts';
import { eq } from './compare.ts';
import { CompensatedSum } from './compensated-sum.ts';
import { isLinear } from './cotangent.ts';
import {
  type CallablePrimitive,
  definePrimitive,
  type Lowering,
  type Read,
  type ReferenceArray,
  type Sample,
} from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';
import type { NestBuilder } from './nest-builder.ts';

export interface ReduceParams {
  /** Distinct axes in rising order; they vanish from the result. */
  readonly axes: readonly number[];
}

function reducedType(name: string, dtypes: readonly DType[]) {
  return ([x]: readonly [TensorType], { axes }: ReduceParams): TensorType => {
    if (!dtypes.includes(x.dtype)) {
      throw new DTypeError(`${name}: works on ${dtypes.join(', ')}; got ${describeType(x)}.`);
    }
    if (axes.some((axis, i) => axis <= (axes[i - 1] ?? -1) || axis >= x.shape.length)) {
      throw new ShapeError(`${name}: axes [${axes.join(', ')}] do not fit ${describeType(x)}.`);
    }
    return tensorType(x.dtype, kept(x.shape, axes), x.weak);
  };
}

function kept(shape: Shape, axes: readonly number[]): number[] {
  return shape.filter((_, axis) => !axes.includes(axis));
}

function reduceLowering(combine: Combine): Lowering<1, ReduceParams> {
  return {
    kind: 'nest',
    emit: (k, reads, { params, operands: [x] }) => {
      emitReductions(k, combine, x.shape, params, reads);
    },
  };
}

/** Reduces operands of one shape over the same axes, in one pass over them. */
export function emitReductions(
  k: NestBuilder,
  combine: Combine,
  shape: Shape,
  { axes }: ReduceParams,
  reads: readonly Read[],
): void {
  const inner = axes.map((axis) => shape[axis] ?? 0);
  k.forEach(kept(shape, axes), (outer) => {
    const values = reads.map((read) =>
      k.reduce(combine, inner, (position) => read(mergeIndex(outer, position, axes, shape.length))),
    );
    values.forEach((value, i) => {
      k.write(i, outer, value);
    });
  });
}

function mergeIndex(outer: Index, inner: Index, axes: readonly number[], ndim: number): Index {
  let nextOuter = 0;
  return Array.from({ length: ndim }, (_, axis) => {
    const at = axes.indexOf(axis);
    const position = at >= 0 ? inner[at] : outer[nextOuter++];
    if (position === undefined) throw new Error('unreachable');
    return position;
  });
}

/** For each element of x in row-major order, the position of its part in the result. */
function forEachPart(
  x: Shape,
  result: Shape,
  axes: readonly number[],
  visit: (from: number, to: number) => void,
): void {
  const outer = rowMajorStrides(result);
  const inner = rowMajorStrides(x);
  const rest = x.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  for (let i = 0; i < sizeOf(x); i++) {
    let to = 0;
    rest.forEach((axis, k) => {
      to += (Math.floor(i / (inner[axis] ?? 1)) % (x[axis] ?? 1)) * (outer[k] ?? 0);
    });
    visit(i, to);
  }
}

/** Folds the elements along the axes in row-major order. */
function foldReference(start: number, fold: (a: number, b: number) => number) {
  return ([x]: readonly [ReferenceArray], result: TensorType, { axes }: ReduceParams): Data => {
    const parts = new Float64Array(sizeOf(result.shape)).fill(start);
    forEachPart(x.type.shape, result.shape, axes, (from, to) => {
      parts[to] = fold(parts[to] ?? 0, x.data[from] ?? Number.NaN);
    });
    const data = allocate(result.dtype, parts.length);
    data.set(parts);
    return data;
  };
}

function sumReference(
  [x]: readonly [ReferenceArray],
  result: TensorType,
  { axes }: ReduceParams,
): Data {
  const data = allocate(result.dtype, sizeOf(result.shape));
  const sums = Array.from(data, () => new CompensatedSum());
  forEachPart(x.type.shape, result.shape, axes, (from, to) => {
    sums[to]?.add(x.data[from] ?? Number.NaN);
  });
  data.set(sums.map((sum) => sum.value));
  return data;
}

const numbers: readonly DType[] = ['float64', 'float32', 'int32'];

function shapes(
  dtype: 'float' | 'int32' | 'bool',
  values?: readonly number[],
): Sample<ReduceParams>[] {
  const operand = (shape: Shape): Sample<ReduceParams>['operands'] => [
    { shape, dtype, from: -2, to: 2, ...(values && { values }) },
  ];
  return [
    { title: 'a vector', operands: operand([7]), params: { axes: [0] } },
    { title: 'rows of a matrix', operands: operand([3, 17]), params: { axes: [1] } },
    { title: 'columns of a matrix', operands: operand([17, 3]), params: { axes: [0] } },
    { title: 'outer and inner axes', operands: operand([2, 3, 5]), params: { axes: [0, 2] } },
    { title: 'a long vector', operands: operand([1031]), params: { axes: [0] } },
    { title: 'a scalar over no axes', operands: operand([]), params: { axes: [] } },
    { title: 'no elements', operands: operand([3, 0]), params: { axes: [1] } },
    { title: 'an empty result', operands: operand([0, 3]), params: { axes: [1] } },
  ];
}

/** Sum over axes; float sums are pairwise. */
export const reduceSum: CallablePrimitive<1, ReduceParams> = definePrimitive({
  name: 'sum',
  arity: 1,
  type: reducedType('sum', numbers),
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x], { axes }) => {
    if (!isLinear(x)) return;
    const { shape } = x.dense();
    const rest = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    x.add(broadcast(ct, { shape, axes: rest }));
  },
  vmap: ([x], _, { axes }) => reduceSum(x, { axes: axes.map((axis) => axis + 1) }),
  dependence: 'sum',
  lower: reduceLowering('add'),
});

/** What the laws hold `reduceSum` to. */
export const reduceSumLaws: Laws = forLaws<1, ReduceParams>(reduceSum, {
  reference: sumReference,
  samples: () => [...shapes('float'), ...shapes('int32')],
});

type Extremum = CallablePrimitive<1, ReduceParams>;

function extremum(name: string, combine: 'max' | 'min', self: () => Extremum): Extremum {
  return definePrimitive({
    name,
    arity: 1,
    type: ([x]: readonly [TensorType], params: ReduceParams) => {
      if (params.axes.some((axis) => x.shape[axis] === 0) && !isFloat(x.dtype)) {
        throw new ShapeError(
          `${name}: the extremum of no integers does not exist (${describeType(x)}).`,
        );
      }
      return reducedType(name, numbers)([x], params);
    },
    linearize: ([x], { axes }) => {
      const result = self()(x, { axes });
      if (!isFloat(x.dtype)) return [result, null];
      const share = tieShares(x, result, axes);
      return [result, (dx) => reduceSum(mul(share, dx), { axes })];
    },
    vmap: ([x], _, { axes }) => self()(x, { axes: axes.map((axis) => axis + 1) }),
    lower: reduceLowering(combine),
  });
}

/* @__NO_SIDE_EFFECTS__ */
function extremumLaws(
  primitive: CallablePrimitive<1, ReduceParams>,
  start: number,
  choose: (...values: readonly number[]) => number,
): Laws {
  return forLaws<1, ReduceParams>(primitive, {
    reference: foldReference(start, choose),
    samples: () => [
      ...shapes('float'),
      {
        title: 'ties',
        operands: [{ shape: [4], values: [1, 3, 3, 2] }],
        params: { axes: [0] },
        smooth: false,
      },
      {
        title: 'NaN',
        operands: [{ shape: [3], values: [1, Number.NaN, 2] }],
        params: { axes: [0] },
        smooth: false,
      },
    ],
  });
}

/** Elements that attain an extremum share its derivative equally. */
function tieShares(x: Tensor, result: Tensor, axes: readonly number[]): Tensor {
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const spread = (t: Tensor): Tensor => broadcast(t, { shape: x.shape, axes: rest });
  const attains = cast(eq(x, spread(result)), { dtype: x.dtype });
  return div(attains, spread(reduceSum(attains, { axes })));
}

/** Largest element over axes; NaN when one is NaN; -Infinity over no floats. */
export const reduceMax: Extremum = extremum('max', 'max', () => reduceMax);

/** What the laws hold `reduceMax` to. */
export const reduceMaxLaws: Laws = extremumLaws(reduceMax, Number.NEGATIVE_INFINITY, Math.max);

/** Smallest element over axes; NaN when one is NaN; Infinity over no floats. */
export const reduceMin: Extremum = extremum('min', 'min', () => reduceMin);

/** What the laws hold `reduceMin` to. */
export const reduceMinLaws: Laws = extremumLaws(reduceMin, Number.POSITIVE_INFINITY, Math.min);

function logical(
  name: string,
  combine: 'and' | 'or',
  self: () => CallablePrimitive<1, ReduceParams>,
): CallablePrimitive<1, ReduceParams> {
  return definePrimitive({
    name,
    arity: 1,
    type: reducedType(name, ['bool']),
    linearize: ([x], params) => [self()(x, params), null],
    vmap: ([x], _, { axes }) => self()(x, { axes: axes.map((axis) => axis + 1) }),
    lower: reduceLowering(combine),
  });
}

/* @__NO_SIDE_EFFECTS__ */
function logicalLaws(
  primitive: CallablePrimitive<1, ReduceParams>,
  start: number,
  choose: (...values: readonly number[]) => number,
): Laws {
  return forLaws<1, ReduceParams>(primitive, {
    reference: foldReference(start, choose),
    samples: () => shapes('bool', [1, 0, 1, 1]),
  });
}

/** Whether all elements over axes are true; true over none. */
export const reduceAll: CallablePrimitive<1, ReduceParams> = logical('all', 'and', () => reduceAll);

/** What the laws hold `reduceAll` to. */
export const reduceAllLaws: Laws = logicalLaws(reduceAll, 1, Math.min);

/** Whether any element over axes is true; false over none. */
export const reduceAny: CallablePrimitive<1, ReduceParams> = logical('any', 'or', () => reduceAny);

/** What the laws hold `reduceAny` to. */
export const reduceAnyLaws: Laws = logicalLaws(reduceAny, 0, Math.max);
