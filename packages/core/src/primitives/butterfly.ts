import { affineConst } from '../kernel/affine.ts';
import { allocate, isFloat } from '../tensor/dtype.ts';
import { DTypeError, ShapeError, sameShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { describeType, tensorType } from '../tensor/type.ts';
import { add } from './arithmetic.ts';
import { broadcast } from './broadcast.ts';
import { butterflyCode } from './butterfly-code.ts';
import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive, type Sample } from './define.ts';
import { alignBatch } from './elementwise.ts';
import { forLaws, type Laws } from './for-laws.ts';
import { reshape } from './reshape.ts';
import { rootOfUnity } from './root-of-unity.ts';
import { slice } from './slice.ts';
import { spreadAlong } from './spread.ts';
import { transpose } from './transpose.ts';

/** The real (0) or imaginary (1) part of `[a, 2, ...]`, `[a, ...]`. */
export function partOf(x: Tensor, part: 0 | 1): Tensor {
  const [a = 0, , ...shape] = x.shape;
  const start = [0, part, ...shape.map(() => 0)];
  const plane = slice(x, { start, extents: [a, 1, ...shape], step: start.map(() => 1) });
  return reshape(plane, { shape: [a, ...shape] });
}

/**
 * Fourier transforms of r numbers each: `[a, l, r, s]` of real and of imaginary parts becomes
 * `[a, 2, r, l, s]`, `y[a, k, l, s] = sum over j of x[a, l, j, s] exp(-2 pi i j k / r)`, real parts
 * first. With the result read as `[a, r l, s]` this is a step of a Stockham transform. Real and
 * imaginary part exchanged, in operands and result, are the transform with the other sign; that is also
 * the transpose. Rows of a batch stay apart in memory, so that all steps can be made for a few at a time.
 */
export const butterfly: CallablePrimitive<2, object> = definePrimitive({
  name: 'butterfly',
  arity: 2,
  type: ([re, im]) => {
    if (!isFloat(re.dtype) || re.dtype !== im.dtype) {
      throw new DTypeError(
        `butterfly: takes two of float64 or float32; got ${describeType(re)} and ${describeType(im)}.`,
      );
    }
    const [a = 0, l = 0, r = 0, s = 0] = re.shape;
    if (re.shape.length !== 4 || !sameShape(re.shape, im.shape)) {
      throw new ShapeError(
        `butterfly: takes two of one shape [a, l, r, s]; got ${describeType(re)} and ${describeType(im)}.`,
      );
    }
    return tensorType(re.dtype, [a, 2, r, l, s]);
  },
  linear: { in: 'all', as: 'together' },
  transpose: (ct, [re, im]) => {
    const [up, across] = [partOf(ct, 0), partOf(ct, 1)].map(exchanged);
    if (!up || !across) throw new Error('unreachable');
    const pulled = butterfly(across, up);
    if (isLinear(re)) re.add(exchanged(partOf(pulled, 1)));
    if (isLinear(im)) im.add(exchanged(partOf(pulled, 0)));
  },
  vmap: (operands, batched) => {
    const [re, im] = alignBatch(operands, batched);
    if (!re || !im) throw new Error('unreachable');
    const [size = 0, a = 0, l = 0, r = 0, s = 0] = re.shape;
    const shape = [size * a, l, r, s];
    const all = butterfly(reshape(re, { shape }), reshape(im, { shape }));
    return reshape(all, { shape: [size, a, 2, r, l, s] });
  },
  dependence: {
    kind: 'like',
    like: ([re, im]) => {
      const rows = exchanged(spreadAlong(add(re, im), [2]));
      return broadcast(rows, { shape: rows.shape.toSpliced(1, 0, 2), axes: [0, 2, 3, 4] });
    },
  },
  lower: {
    kind: 'nest',
    emit: (k, [readRe, readIm], { operands: [x] }) => {
      const [a = 0, l = 0, r = 0, s = 0] = x.shape;
      if (r === 0) return;
      k.forEach([a, l, s], ([i, block, rest]) => {
        if (!i || !block || !rest) throw new Error('unreachable');
        const terms = Array.from({ length: r }, (_, j) => {
          const index = [i, block, affineConst(j), rest];
          return { re: readRe(index), im: readIm(index) };
        });
        butterflyCode(terms).forEach(({ re, im }, j) => {
          k.write(0, [i, affineConst(0), affineConst(j), block, rest], re);
          k.write(0, [i, affineConst(1), affineConst(j), block, rest], im);
        });
      });
    },
  },
});

/** What the laws hold `butterfly` to. */
export const butterflyLaws: Laws = forLaws<2, object>(butterfly, {
  reference: ([re, im], result) => {
    const data = allocate(result.dtype, sizeOf(result.shape));
    const [, l = 0, r = 0, s = 0] = re.type.shape;
    const plane = r * l * s;
    for (let to = 0; to < data.length / 2; to++) {
      const rest = to % s;
      const block = Math.floor(to / s) % l;
      const k = Math.floor(to / (s * l)) % r;
      const i = Math.floor(to / plane);
      let [x, y] = [0, 0];
      for (let j = 0; j < r; j++) {
        const from = ((i * l + block) * r + j) * s + rest;
        const [cos, sin] = rootOfUnity(j * k, r);
        const [u, v] = [re.data[from] ?? Number.NaN, im.data[from] ?? Number.NaN];
        x += u * cos + v * sin;
        y += v * cos - u * sin;
      }
      data[to + i * plane] = x;
      data[to + (i + 1) * plane] = y;
    }
    return data;
  },
  samples: () =>
    [
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 16].map((r) => ({ shape: [1, 1, r, 1] })),
      ...[
        [2, 3, 4, 5],
        [3, 1, 2, 8],
        [1, 16, 3, 1],
        [0, 2, 3, 1],
        [2, 0, 5, 1],
        [2, 3, 0, 4],
      ].map((shape) => ({ shape })),
    ].map(
      ({ shape }): Sample<object> => ({
        title: `shape [${shape}]`,
        operands: [{ shape }, { shape }],
        params: {},
      }),
    ),
});

/** With the two axes in the middle exchanged. */
function exchanged(x: Tensor): Tensor {
  return transpose(x, { perm: [0, 2, 1, 3] });
}
