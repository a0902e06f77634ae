import { fft, slice, type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { longTransform, mixed, type Numbers, relativeError } from './long-transform.ts';

type DType = 'float64' | 'float32';

const unit = { float64: 2 ** -53, float32: 2 ** -24 };

function numbers({ re, im }: { readonly re: Tensor; readonly im: Tensor }): Numbers {
  return { re: [...re.dataSync()], im: [...im.dataSync()] };
}

function signal(n: number): Numbers {
  return { re: mixed(n, n), im: mixed(n, n + 7) };
}

function pairOf({ re, im }: Numbers, dtype: DType): { re: Tensor; im: Tensor } {
  return { re: tensor(re, { dtype }), im: tensor(im, { dtype }) };
}

/** What rounding does to a transform of n elements, in the mean of squares: a unit per step, at random. */
function allowed(n: number, dtype: DType): number {
  return 2 * unit[dtype] * Math.sqrt(1 + Math.log2(n));
}

function only({ re, im }: Numbers, ks: readonly number[]): Numbers {
  return { re: ks.map((k) => re[k] ?? Number.NaN), im: ks.map((k) => im[k] ?? Number.NaN) };
}

/** Even and odd ones, small and large factors. */
const realLengths = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17, 26, 30, 37, 64, 74, 99, 100, 130,
];

const lengths = Array.from({ length: 130 }, (_, i) => i + 1);

describe.each(['float64', 'float32'] as const)('in %s', (dtype) => {
  test('transforms of 1 to 130 elements are those of the definition', () => {
    for (const n of lengths) {
      const x = signal(n);
      const expected = longTransform(x);
      const result = fft.fft(pairOf(x, dtype));
      expect(result.re.dtype).toBe(dtype);
      expect(relativeError(numbers(result), expected), `n = ${n}`).toBeLessThan(allowed(n, dtype));
    }
  });

  test('transforms of real elements are those of the definition', () => {
    for (const n of realLengths) {
      const x = { re: mixed(n, n), im: new Array<number>(n).fill(0) };
      const expected = longTransform(x);
      const ks = Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => k);
      const half = fft.rfft(tensor(x.re, { dtype }));
      const bound = allowed(n, dtype);
      expect(half.re.shape).toEqual([ks.length]);
      expect(relativeError(numbers(half), only(expected, ks)), `n = ${n}`).toBeLessThan(bound);
      const whole = fft.fft(tensor(x.re, { dtype }));
      expect(relativeError(numbers(whole), expected), `n = ${n}`).toBeLessThan(bound);
      const back = fft.irfft(half, { n });
      const result = { re: [...back.dataSync()], im: x.im };
      expect(relativeError(result, x), `n = ${n}`).toBeLessThan(2 * bound);
    }
  });

  test.each([
    ['powers of two', [256, 512, 2048, 4096]],
    ['powers of three', [243, 729, 2187]],
    ['powers of five', [125, 625, 3125]],
    ['products of small primes', [360, 1001, 2310, 5040, 29 * 31]],
    ['primes', [131, 251, 1009, 10007]],
    ['products with a large prime', [2 * 131, 37 * 41, 3 * 1009]],
  ])('long transforms are those of the definition: %s', (_, all) => {
    for (const n of all) {
      const x = signal(n);
      const ks = [0, 1, 2, n >> 1, (n >> 1) + 1, Math.floor(0.3 * n), n - 1];
      const expected = longTransform(x, ks);
      const result = only(numbers(fft.fft(pairOf(x, dtype))), ks);
      expect(relativeError(result, expected), `n = ${n}`).toBeLessThan(2 * allowed(n, dtype));
    }
  });
});

/** The same axis by axis, of `[a, b, c]`. */
function alongAxis(x: Numbers, shape: readonly number[], axis: number): Numbers {
  const stride = shape.slice(axis + 1).reduce((size, n) => size * n, 1);
  const n = shape[axis] ?? 0;
  const [re, im] = [[...x.re], [...x.im]];
  for (let first = 0; first < re.length; first++) {
    if (Math.floor(first / stride) % n !== 0) continue;
    const at = Array.from({ length: n }, (_, j) => first + j * stride);
    const line = longTransform({
      re: at.map((i) => Math.round((x.re[i] ?? 0) * 2 ** 50) * 2 ** -50),
      im: at.map((i) => Math.round((x.im[i] ?? 0) * 2 ** 50) * 2 ** -50),
    });
    at.forEach((i, k) => {
      re[i] = line.re[k] ?? 0;
      im[i] = line.im[k] ?? 0;
    });
  }
  return { re, im };
}

const shape = [3, 4, 10];
const cube = { re: mixed(120, 3), im: mixed(120, 5) };
const x = {
  re: tensor(Float64Array.from(cube.re)).reshape(shape),
  im: tensor(Float64Array.from(cube.im)).reshape(shape),
};
const real = { re: cube.re, im: new Array<number>(120).fill(0) };

describe('along axes', () => {
  test.each([0, 1, 2, -1, -3])(
    'a transform goes along axis %i, and batches along the others',
    (axis) => {
      const expected = alongAxis(cube, shape, axis < 0 ? axis + 3 : axis);
      expect(relativeError(numbers(fft.fft(x, { axis })), expected)).toBeLessThan(1e-15);
      const ofReal = alongAxis(real, shape, axis < 0 ? axis + 3 : axis);
      expect(relativeError(numbers(fft.fft(x.re, { axis })), ofReal)).toBeLessThan(1e-15);
    },
  );

  test('transforms along two or three axes are those along one after the other', () => {
    const two = alongAxis(alongAxis(cube, shape, 2), shape, 1);
    expect(relativeError(numbers(fft.fft2(x)), two)).toBeLessThan(1e-14);
    expect(relativeError(numbers(fft.fftn(x, { axes: [1, 2] })), two)).toBeLessThan(1e-14);
    const first = alongAxis(two, shape, 0);
    expect(relativeError(numbers(fft.fftn(x)), first)).toBeLessThan(1e-14);
    const ofReal = [0, 1, 2].reduce<Numbers>((made, axis) => alongAxis(made, shape, axis), real);
    expect(relativeError(numbers(fft.fftn(x.re)), ofReal)).toBeLessThan(1e-14);
  });

  test('half spectra of several axes are halves of the whole ones along the last axis named', () => {
    const whole = fft.fftn(x.re, { axes: [2, 0] });
    const half = fft.rfftn(x.re, { axes: [2, 0] });
    expect(half.re.shape).toEqual([2, 4, 10]);
    const cut = { re: slice(whole.re, [0], [2]), im: slice(whole.im, [0], [2]) };
    expect(relativeError(numbers(half), numbers(cut))).toBeLessThan(1e-15);
    const back = fft.irfftn(half, { axes: [2, 0], shape: [10, 3] });
    expect(
      relativeError({ re: [...back.dataSync()], im: [] }, { re: cube.re, im: [] }),
    ).toBeLessThan(1e-15);
    const flat = fft.irfft2(fft.rfft2(x.re));
    expect(
      relativeError({ re: [...flat.dataSync()], im: [] }, { re: cube.re, im: [] }),
    ).toBeLessThan(1e-15);
  });

  test('n and shape cut the operand or fill it up with zeros', () => {
    const line = mixed(7, 9);
    for (const n of [3, 7, 12]) {
      const resized = Array.from({ length: n }, (_, j) => line[j] ?? 0);
      const expected = longTransform({ re: resized, im: resized.map(() => 0) });
      const complex = { re: tensor(line), im: tensor(line.map(() => 0)) };
      for (const given of [tensor(line), complex]) {
        expect(relativeError(numbers(fft.fft(given, { n })), expected)).toBeLessThan(1e-15);
      }
      const ks = Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => k);
      const half = numbers(fft.rfft(line, { n }));
      expect(relativeError(half, only(expected, ks))).toBeLessThan(1e-15);
    }
    expect(fft.fft2(x, { shape: [5, 2] }).re.shape).toEqual([3, 5, 2]);
    expect(fft.fftn(x, { shape: [6] }).re.shape).toEqual([3, 4, 6]);
    expect(fft.irfft({ re: [1, 2], im: [0, 1] }, { n: 5 }).shape).toEqual([5]);
  });

  test('norms divide the one, the other, or both by the root', () => {
    const line = tensor(mixed(12, 4));
    const plain = numbers(fft.fft(line));
    const scaled = (by: number): Numbers => ({
      re: plain.re.map((y) => y * by),
      im: plain.im.map((y) => y * by),
    });
    expect(
      relativeError(numbers(fft.fft(line, { norm: 'ortho' })), scaled(12 ** -0.5)),
    ).toBeLessThan(1e-15);
    expect(relativeError(numbers(fft.fft(line, { norm: 'forward' })), scaled(1 / 12))).toBeLessThan(
      1e-15,
    );
    for (const norm of ['backward', 'ortho', 'forward'] as const) {
      const back = fft.ifft(fft.fft(line, { norm }), { norm });
      expect(
        relativeError({ re: [...back.re.dataSync()], im: [] }, { re: mixed(12, 4), im: [] }),
      ).toBeLessThan(1e-15);
      expect(Math.max(...back.im.dataSync().map(Math.abs))).toBeLessThan(1e-15);
      const there = fft.irfftn(fft.rfftn(x.re, { norm }), { norm });
      expect(
        relativeError({ re: [...there.dataSync()], im: [] }, { re: cube.re, im: [] }),
      ).toBeLessThan(1e-15);
    }
    const inverse = fft.ifft(line);
    const mirrored = { re: scaled(1 / 12).re, im: scaled(-1 / 12).im };
    expect(relativeError(numbers(inverse), mirrored)).toBeLessThan(1e-15);
  });

  test('imaginary parts that real numbers cannot have do not count', () => {
    const half = { re: [1, 2, 3], im: [5, 1, 7] };
    expect(fft.irfft(half).toArray()).toEqual(
      fft.irfft({ re: [1, 2, 3], im: [0, 1, 0] }).toArray(),
    );
    expect(fft.irfft(half, { n: 5 }).toArray()).toEqual(
      fft.irfft({ re: [1, 2, 3], im: [0, 1, 7] }, { n: 5 }).toArray(),
    );
  });

  test('batches of none, lines of one element, and whole numbers are transformed', () => {
    const none = fft.fft({ re: tensor([]).reshape([0, 4]), im: tensor([]).reshape([0, 4]) });
    expect(none.re.shape).toEqual([0, 4]);
    expect(fft.rfft(tensor([]).reshape([4, 0]), { axis: 0 }).im.shape).toEqual([3, 0]);
    expect(fft.fft(tensor([]), { n: 2 }).re.toArray()).toEqual([0, 0]);
    const single = fft.fft({ re: [3], im: [-2] });
    expect([single.re.toArray(), single.im.toArray()]).toEqual([[3], [-2]]);
    const whole = fft.fft(tensor([1, 2, 3, 4], { dtype: 'int32' }));
    expect(whole.re.dtype).toBe('float64');
    expect([whole.re.toArray(), whole.im.toArray()]).toEqual([
      [10, -2, -2, -2],
      [0, 2, 0, -2],
    ]);
  });
});
