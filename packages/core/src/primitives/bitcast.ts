import { affineShift, affineZero } from '../kernel/affine.ts';
import {
  compare,
  constant,
  fromWords,
  indexValue,
  sameBits,
  select,
  wordOf,
} from '../kernel/scalars.ts';
import { allocate, type DType, viewOf } from '../tensor/dtype.ts';
import { DTypeError, type Shape, ShapeError, sizeOf } from '../tensor/shape.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { specials } from './samples.ts';

interface BitcastParams {
  readonly dtype: DType;
}

function targetShape(
  x: { readonly dtype: DType; readonly shape: Shape },
  dtype: DType,
): Shape | undefined {
  const from = x.dtype;
  if ((from === 'float32' && dtype === 'int32') || (from === 'int32' && dtype === 'float32')) {
    return x.shape;
  }
  if (from === 'float64' && dtype === 'int32') return [...x.shape, 2];
  return from === 'int32' && dtype === 'float64' && x.shape.at(-1) === 2
    ? x.shape.slice(0, -1)
    : undefined;
}

/**
 * The same bits as another dtype: float32 and int32 element by element; a float64 as two int32 words on
 * a new last axis, the low one first, and back.
 */
export const bitcast: CallablePrimitive<1, BitcastParams> = definePrimitive({
  name: 'bitcast',
  arity: 1,
  type: ([x], { dtype }: BitcastParams) => {
    const shape = targetShape(x, dtype);
    if (shape) return tensorType(dtype, shape);
    if (x.dtype === 'int32' && dtype === 'float64') {
      throw new ShapeError(
        `bitcast: float64 is made of two int32 words, on a last axis of extent 2; got ${describeType(x)}.`,
      );
    }
    throw new DTypeError(
      `bitcast: between float32 and int32, or float64 and two int32 words; got ${describeType(x)} to ${dtype}. To convert numbers, use astype.`,
    );
  },
  linearize: ([x], params) => [bitcast(x, params), null],
  vmap: ([x], _, params) => bitcast(x, params),
  lower: {
    kind: 'pull',
    cost: 'cheap',
    at: ([read], index, { params: { dtype }, operands: [x] }) => {
      if (dtype === 'float64') {
        return fromWords(
          read([...index, affineZero]),
          read([...index, affineShift(affineZero, 1)]),
        );
      }
      if (dtype === 'float32' || x.dtype === 'float32') {
        return sameBits(dtype === 'float32' ? 'float32' : 'int32', read(index));
      }
      const value = read(index.slice(0, -1));
      const isLow = compare('eq', indexValue(index.at(-1) ?? affineZero), constant('int32', 0));
      return select(isLow, wordOf(value, 0), wordOf(value, 1));
    },
  },
});

/** What the laws hold `bitcast` to. */
export const bitcastLaws: Laws = forLaws<1, BitcastParams>(bitcast, {
  reference: ([x], { dtype, shape }) => {
    const data = allocate(dtype, sizeOf(shape));
    const from = x.data.slice();
    data.set(viewOf(dtype, from.buffer, 0, data.length));
    return data;
  },
  samples: () => [
    ...[[], [0], [1], [7], [3, 5]].map((shape) =>
      sampleOf(`floats of shape [${shape}]`, 'int32', { shape }),
    ),
    sampleOf('special values', 'int32', { shape: [specials.length], values: specials }),
    sampleOf('integers', 'float32', { shape: [7], dtype: 'int32', from: -2e9, to: 2e9 }),
    sampleOf('pairs of words', 'float64', {
      shape: [3, 5, 2],
      dtype: 'int32',
      from: -2e9,
      to: 2e9,
    }),
    sampleOf('the words of special values', 'float64', {
      shape: [5, 2],
      dtype: 'int32',
      values: [0, 0, 0, -(2 ** 31), 0, 0x7ff00000, 1, 0, -1, 0x7fefffff],
    }),
  ],
});

function sampleOf(
  title: string,
  dtype: DType,
  operand: Sample<BitcastParams>['operands'][number],
): Sample<BitcastParams> {
  return { title, operands: [operand], params: { dtype }, smooth: false };
}
