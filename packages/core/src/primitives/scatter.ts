import { binary } from '../kernel/scalars.ts';
import { isFloat } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sameShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, type TensorType, tensorType } from '../tensor/type.ts';
import { add, div, mul } from './arithmetic.ts';
import { broadcast } from './broadcast.ts';
import { cast } from './cast.ts';
import { eq } from './compare.ts';
import { isLinear } from './cotangent.ts';
import { iota, zeros } from './create.ts';
import { type CallablePrimitive, definePrimitive, type Lowering, type Sample } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { reshape } from './reshape.ts';
import { select } from './select.ts';
import { spreadOver } from './spread.ts';
import {
  forEachTaken,
  forEachUpdate,
  gatherParts,
  gatherSamples,
  scatterAdd,
  type TakeParams,
  take,
} from './take.ts';

type Scatter = CallablePrimitive<3, TakeParams>;

function scatterType(
  name: string,
  [x, index, updates]: readonly [TensorType, TensorType, TensorType],
  { batch }: TakeParams,
): TensorType {
  const { lead, rest, picked } = gatherParts(name, x, index, batch);
  const expected = tensorType(x.dtype, [...lead, ...picked, ...rest]);
  if (updates.dtype !== x.dtype || !sameShape(updates.shape, expected.shape)) {
    throw new ShapeError(
      `${name}: updates are ${describeType(updates)}; they must be ${describeType(expected)}.`,
    );
  }
  return tensorType(x.dtype, x.shape, x.weak && updates.weak);
}

function batchedScatter(
  self: Scatter,
  operands: readonly Tensor[],
  batched: readonly boolean[],
  { batch }: TakeParams,
): Tensor {
  const [x, index, updates] = alignBatch(operands, batched);
  if (!x || !index || !updates) throw new Error('unreachable');
  return self(x, index, updates, { batch: batch + 1 });
}

/** Goes through the updates in order; `combine` is 'set' for the last one to stay. */
function scatterLowering(combine: 'set' | 'max' | 'min'): Lowering<3, TakeParams> {
  return {
    kind: 'nest',
    inPlace: 0,
    emit: (k, [, readIndex, readUpdate], { params: { batch }, operands, site }) => {
      const failure = site('index', operands[0].shape[batch] ?? 0);
      forEachUpdate(k, operands, { batch, readIndex, failure }, (to, from) => {
        const update = readUpdate(from);
        k.write(0, to, combine === 'set' ? update : binary(combine, k.readResult(0, to), update));
      });
    },
  };
}

/** Whether an update is the last one at its position, in the shape of the updates. */
function staysLast(
  type: TensorType,
  index: Tensor,
  shape: readonly number[],
  batch: number,
): Tensor {
  const picked = index.shape.slice(batch);
  const axes = picked.map((_, i) => batch + i);
  const numbers = broadcast(
    reshape(iota([], { size: sizeOf(picked), dtype: 'int32' }), { shape: picked }),
    { shape: index.shape, axes },
  );
  const nobody = zeros(tensorType('int32', type.shape.slice(0, batch + 1)));
  const last = take(scatterSet(nobody, index, numbers, { batch }), index, { batch });
  return broadcast(eq(last, numbers), { shape, axes: index.shape.map((_, i) => i) });
}

/**
 * x with slices replaced at the positions of an index, of which the last one counts where
 * positions repeat. Linear in x and the updates.
 */
export const scatterSet: Scatter = definePrimitive({
  name: 'scatterSet',
  arity: 3,
  mayFail: true,
  type: (operands, params: TakeParams) => scatterType('scatterSet', operands, params),
  linear: { in: [0, 2], as: 'together' },
  transpose: (ct, [x, index, updates], { batch }) => {
    if (isLinear(index)) return;
    const type = isLinear(updates) ? updates.dense() : updates.type;
    if (type.kind !== 'tensor') return;
    const nothing = zeros(tensorType(ct.dtype, type.shape));
    if (isLinear(x)) x.add(scatterSet(ct, index, nothing, { batch }));
    if (isLinear(updates)) {
      const stays = staysLast(tensorType(ct.dtype, ct.shape), index, type.shape, batch);
      updates.add(select(stays, take(ct, index, { batch }), nothing));
    }
  },
  idle: [null, 0, null],
  vmap: (operands, batched, params) => batchedScatter(scatterSet, operands, batched, params),
  dependence: {
    kind: 'sum',
    like: ([x, index, updates], { batch }) =>
      add(x, spreadOver(updates, batch, index.shape.length - batch, [x.shape[batch] ?? 0])),
  },
  lower: scatterLowering('set'),
});

/** What the laws hold `scatterSet` to. */
export const scatterSetLaws: Laws = forLaws<3, TakeParams>(scatterSet, {
  reference: ([x, index, updates], _, { batch }) => {
    const data = x.data.slice();
    const places = { shape: index.type.shape, data: index.data };
    forEachTaken('scatterSet', x.type.shape, places, batch, (to, from) => {
      data[to] = updates.data[from] ?? Number.NaN;
    });
    return data;
  },
  samples: () => [
    ...gatherSamples(true),
    {
      title: 'masks',
      operands: [
        { shape: [5], dtype: 'bool', values: [1, 0, 0] },
        { shape: [3], dtype: 'int32', values: [2, 0, 2] },
        { shape: [3], dtype: 'bool', values: [0, 0, 1] },
      ],
      params: { batch: 0 },
    } satisfies Sample<TakeParams>,
  ],
});

function scatterExtremum(name: string, combine: 'max' | 'min', self: () => Scatter): Scatter {
  return definePrimitive({
    name,
    arity: 3,
    mayFail: true,
    type: (operands, params: TakeParams) => {
      const [x] = operands;
      if (x.dtype === 'bool') {
        throw new DTypeError(`${name}: works on float64, float32, int32; got ${describeType(x)}.`);
      }
      return scatterType(name, operands, params);
    },
    linearize: ([x, index, updates], params) => {
      const result = self()(x, index, updates, params);
      if (!isFloat(x.dtype)) return [result, null, null, null];
      // Those that attain an extremum share its derivative equally.
      const dtype = x.dtype;
      const own = cast(eq(x, result), { dtype });
      const others = cast(eq(updates, take(result, index, params)), { dtype });
      const count = scatterAdd(own, index, others, params);
      const share = div(others, take(count, index, params));
      return [
        result,
        (dx) => mul(div(own, count), dx),
        null,
        (du) => scatterAdd(zeros(tensorType(dtype, x.shape)), index, mul(share, du), params),
      ];
    },
    idle: [null, 0, null],
    vmap: (operands, batched, params) => batchedScatter(self(), operands, batched, params),
    lower: scatterLowering(combine),
  });
}

/* @__NO_SIDE_EFFECTS__ */
function scatterExtremumLaws(
  primitive: Scatter,
  choose: (...values: readonly number[]) => number,
): Laws {
  return forLaws<3, TakeParams>(primitive, {
    reference: ([x, index, updates], _, { batch }) => {
      const data = x.data.slice();
      const places = { shape: index.type.shape, data: index.data };
      forEachTaken(primitive.name, x.type.shape, places, batch, (to, from) => {
        data[to] = choose(data[to] ?? Number.NaN, updates.data[from] ?? Number.NaN);
      });
      return data;
    },
    samples: () => [
      ...gatherSamples(true),
      {
        title: 'ties and special values',
        operands: [
          { shape: [5], values: [1, -0, Number.NaN, Number.NEGATIVE_INFINITY, 2] },
          { shape: [7], dtype: 'int32', values: [0, 1, 2, 3, 4, 4, 0] },
          { shape: [7], values: [1, 0, 5, -1e-310, Number.NaN, 3, Number.POSITIVE_INFINITY] },
        ],
        params: { batch: 0 },
        smooth: false,
      },
      {
        title: 'integers',
        operands: [
          { shape: [3], dtype: 'int32' },
          { shape: [5], dtype: 'int32', values: [0, 2, 2, 1, 0] },
          { shape: [5], dtype: 'int32', from: -9, to: 9 },
        ],
        params: { batch: 0 },
      },
    ],
  });
}

/** The larger of x and all updates at each position of an index; NaN when one is. */
export const scatterMax: Scatter = scatterExtremum('scatterMax', 'max', () => scatterMax);

/** What the laws hold `scatterMax` to. */
export const scatterMaxLaws: Laws = scatterExtremumLaws(scatterMax, Math.max);

/** The smaller of x and all updates at each position of an index; NaN when one is. */
export const scatterMin: Scatter = scatterExtremum('scatterMin', 'min', () => scatterMin);

/** What the laws hold `scatterMin` to. */
export const scatterMinLaws: Laws = scatterExtremumLaws(scatterMin, Math.min);
