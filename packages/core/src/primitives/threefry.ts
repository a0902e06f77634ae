/**
 * Threefry-2x32 with 20 rounds: for each key, a permutation of 64 bits. Random words are the images
 * of 0, 1, 2, ..., so that any of them can be had without those before it, in any order and on any
 * backend.
 *
 * Salmon, Moraes, Dror and Shaw, Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011).
 */

import type { Expr } from '../kernel/expr.ts';
import { binary, constant } from '../kernel/scalars.ts';
import { DTypeError, ShapeError, sameShape } from '../tensor/shape.ts';
import { describeType } from '../tensor/type.ts';
import { type CallablePrimitive, definePrimitive } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const parity = 0x1bd11bda;

/** Arithmetic of 32-bit words. */
interface Words<T> {
  add(x: T, y: T): T;
  xor(x: T, y: T): T;
  rotate(x: T, by: number): T;
  word(value: number): T;
}

/** Both words of the image of a counter whose high word is the domain. */
function permute<T>(w: Words<T>, k0: T, k1: T, counter: T, domain: number): readonly [T, T] {
  const keys = [k0, k1, w.xor(w.xor(k0, k1), w.word(parity))] as const;
  let x = w.add(counter, k0);
  let y = w.add(w.word(domain), k1);
  for (let block = 0; block < 5; block++) {
    for (const by of rotations[block % 2 === 0 ? 0 : 1]) {
      x = w.add(x, y);
      y = w.xor(w.rotate(y, by), x);
    }
    x = w.add(x, keys[(block + 1) % 3] ?? k0);
    y = w.add(w.add(y, keys[(block + 2) % 3] ?? k0), w.word(block + 1));
  }
  return [x, y];
}

const onNumbers: Words<number> = {
  add: (x, y) => (x + y) | 0,
  xor: (x, y) => x ^ y,
  rotate: (x, by) => (x << by) | (x >>> (32 - by)),
  word: (value) => value | 0,
};

const word = (value: number): Expr => constant('int32', value);

const onExpressions: Words<Expr> = {
  add: (x, y) => binary('add', x, y),
  xor: (x, y) => binary('xor', x, y),
  rotate: (x, by) => binary('or', binary('shl', x, word(by)), binary('shr_u', x, word(32 - by))),
  word,
};

/** What a key is used for. Counters of different domains never have the same image. */
export const domains = {
  bits: 0,
  keys: 1,
  foldIn: 2,
  element: 3,
  normal: 4,
  accept: 5,
  boost: 6,
} as const;

/** Both words, as expressions of a kernel. */
export function threefryWords(
  k0: Expr,
  k1: Expr,
  counter: Expr,
  domain: number,
): readonly [Expr, Expr] {
  return permute(onExpressions, k0, k1, counter, domain);
}

/** Both words of plain numbers. */
export function threefryOf(
  k0: number,
  k1: number,
  counter: number,
  domain: number,
): readonly [number, number] {
  return permute(onNumbers, k0, k1, counter, domain);
}

export interface ThreefryParams {
  readonly word: 0 | 1;
  /** One of `domains`. */
  readonly domain: number;
}

/** One word of the image of each counter under each key; int32 operands of one shape. */
export const threefry: CallablePrimitive<3, ThreefryParams> = definePrimitive({
  name: 'threefry',
  arity: 3,
  type: ([k0, k1, counter], _: ThreefryParams) => {
    for (const operand of [k0, k1, counter]) {
      if (operand.dtype !== 'int32') {
        throw new DTypeError(
          `threefry: keys and counters are int32; got ${describeType(operand)}.`,
        );
      }
      if (!sameShape(operand.shape, counter.shape)) {
        throw new ShapeError(
          `threefry: keys and counters have one shape; got ${[k0, k1, counter].map(describeType).join(', ')}.`,
        );
      }
    }
    return { ...counter, weak: false };
  },
  linearize: ([k0, k1, counter], params) => [threefry(k0, k1, counter, params), null, null, null],
  vmap: (operands, batched, params) => {
    const [k0, k1, counter] = alignBatch(operands, batched);
    if (!k0 || !k1 || !counter) throw new Error('unreachable');
    return threefry(k0, k1, counter, params);
  },
  lower: {
    kind: 'pull',
    cost: 'math',
    at: ([k0, k1, counter], index, { params }) =>
      permute(onExpressions, k0(index), k1(index), counter(index), params.domain)[params.word],
  },
});

/** What the laws hold `threefry` to. */
export const threefryLaws: Laws = forLaws<3, ThreefryParams>(threefry, {
  reference: ([k0, k1, counter], _, params) =>
    Int32Array.from(
      counter.data,
      (c, i) => permute(onNumbers, k0.data[i] ?? 0, k1.data[i] ?? 0, c, params.domain)[params.word],
    ),
  samples: () =>
    [[], [1], [7], [0], [3, 5]].flatMap((shape) =>
      ([0, 1] as const).map((which) => ({
        title: `word ${which} of shape [${shape}]`,
        operands: [42, -7, 0].map((value) => ({
          shape,
          dtype: 'int32' as const,
          values: [value, value + 1, value - 9, 2 ** 31 - 1],
        })),
        params: { word: which, domain: which },
      })),
    ),
});
