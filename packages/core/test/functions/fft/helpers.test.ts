import { complex, fft, grad, sum, type Tensor, tensor } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import { mixed } from './long-transform.ts';

function close(x: Tensor, expected: readonly number[], by = 1e-14): void {
  expect(x.size).toBe(expected.length);
  x.reshape([-1])
    .dataSync()
    .forEach((y, i) => {
      expect(Math.abs(y - (expected[i] ?? Number.NaN))).toBeLessThanOrEqual(by);
    });
}

describe('frequencies', () => {
  test('are those of numpy, even and odd, with a spacing', () => {
    expect(fft.fftfreq(8, { spacing: 0.1 }).toArray()).toEqual([
      0, 1.25, 2.5, 3.75, -5, -3.75, -2.5, -1.25,
    ]);
    expect(fft.fftfreq(5).toArray()).toEqual([0, 0.2, 0.4, -0.4, -0.2]);
    expect(fft.rfftfreq(6, { spacing: 0.5 }).toArray()).toEqual([0, 1 / 3, 2 / 3, 1]);
    expect(fft.rfftfreq(5).toArray()).toEqual([0, 0.2, 0.4]);
    expect(fft.rfftfreq(1, { dtype: 'float32' }).dtype).toBe('float32');
  });
});

describe('shifts', () => {
  test('bring the zero frequency to the middle and back, of tensors and pairs', () => {
    expect(fft.fftshift([0, 1, 2, -2, -1]).toArray()).toEqual([-2, -1, 0, 1, 2]);
    expect(fft.fftshift([0, 1, -2, -1]).toArray()).toEqual([-2, -1, 0, 1]);
    const x = tensor(mixed(15)).reshape([3, 5]);
    expect(fft.ifftshift(fft.fftshift(x)).toArray()).toEqual(x.toArray());
    expect(fft.fftshift(x, { axes: 1 }).toArray()).not.toEqual(fft.fftshift(x).toArray());
    const both = fft.fftshift({ re: x, im: x }, { axes: [0, -1] });
    expect(both.im.toArray()).toEqual(fft.fftshift(x).toArray());
    expect(fft.ifftshift(both).re.toArray()).toEqual(x.toArray());
  });
});

/** By the definition. */
function convolved(x: readonly number[], y: readonly number[]): number[] {
  return Array.from({ length: x.length + y.length - 1 }, (_, k) =>
    x.reduce((total, value, j) => total + value * (y[k - j] ?? 0), 0),
  );
}

describe('fftconvolve', () => {
  test('is the convolution of the definition, whole, of the size of x, or where all of y counts', () => {
    const [x, y] = [mixed(11, 2), mixed(4, 3)];
    const full = convolved(x, y);
    close(fft.fftconvolve(x, y), full);
    close(fft.fftconvolve(x, y, { mode: 'same' }), full.slice(1, 12));
    close(fft.fftconvolve(x, y, { mode: 'valid' }), full.slice(3, 11));
    close(
      fft.fftconvolve(x, mixed(5, 3), { mode: 'same' }),
      convolved(x, mixed(5, 3)).slice(2, 13),
    );
    close(fft.fftconvolve([3], [2]), [6]);
  });

  test('goes along axes, with batches along the others', () => {
    const rows = [mixed(6, 1), mixed(6, 2)];
    const [first, second] = rows.map((row) => convolved(row, mixed(3, 9)));
    const result = fft.fftconvolve(rows, [mixed(3, 9)], { axes: -1 });
    close(result, [...(first ?? []), ...(second ?? [])]);
    const square = fft.fftconvolve(
      [
        [1, 2],
        [3, 4],
      ],
      [[1, 1, 1]],
    );
    close(square, [1, 3, 3, 2, 3, 7, 7, 4]);
  });

  test('has the derivatives of a product', () => {
    checkGrads(
      (x: Tensor, y: Tensor) => sum(fft.fftconvolve(x, y).pow(3)),
      [tensor(mixed(5, 1)), tensor(mixed(3, 2))],
      { order: 2 },
    );
  });

  test('fast lengths are the least with few factors', () => {
    expect([1, 7, 11, 17, 19, 97, 1025].map(fft.fastLength)).toEqual([1, 8, 12, 18, 20, 100, 1152]);
  });
});

describe('complex numbers', () => {
  const x = { re: tensor([3, -1, 0]), im: tensor([4, 2, -5]) };
  const y = { re: tensor([1, 2, 0.5]), im: tensor([-2, 1, 0.25]) };

  test('multiply and divide, broadcast, with real numbers as well', () => {
    const product = complex.mul(x, y);
    close(product.re, [11, -4, 1.25]);
    close(product.im, [-2, 3, -2.5]);
    const back = complex.div(product, y);
    close(back.re, [3, -1, 0]);
    close(back.im, [4, 2, -5]);
    const doubled = complex.mul(2, x);
    expect([doubled.re.toArray(), doubled.im.toArray()]).toEqual([
      [6, -2, 0],
      [8, 4, -10],
    ]);
    const halved = complex.div(x, 2);
    expect([halved.re.toArray(), halved.im.toArray()]).toEqual([
      [1.5, -0.5, 0],
      [2, 1, -2.5],
    ]);
    expect(complex.mul({ re: [[1], [2]], im: [[0], [1]] }, x).re.toArray()).toEqual([
      [3, -1, 0],
      [2, -4, 5],
    ]);
    const real = complex.mul([1, 2], 3);
    expect([real.re.toArray(), real.im.toArray()]).toEqual([
      [3, 6],
      [0, 0],
    ]);
  });

  test('have absolute values without overflow, angles, conjugates, and polar form', () => {
    close(complex.abs(x), [5, Math.sqrt(5), 5]);
    close(complex.abs2(x), [25, 5, 25]);
    const large = complex.abs({ re: [3e200, 0, Number.POSITIVE_INFINITY], im: [4e200, 0, 1] });
    expect(large.div([1e200, 1, 1]).toArray()).toEqual([
      expect.closeTo(5, 14),
      0,
      Number.POSITIVE_INFINITY,
    ]);
    const small = complex.div({ re: 1e200, im: 1e200 }, { re: 1e200, im: -1e200 });
    close(small.re, [0]);
    close(small.im, [1]);
    close(complex.angle(x), [Math.atan2(4, 3), Math.atan2(2, -1), -Math.PI / 2]);
    expect(complex.conj(x).im.toArray()).toEqual([-4, -2, 5]);
    const again = complex.fromPolar(complex.abs(x), complex.angle(x));
    close(again.re, [3, -1, 0]);
    close(again.im, [4, 2, -5]);
  });

  test('have the derivatives of differences, and 0 for the absolute value of 0', () => {
    const at = (f: (a: typeof x, b: typeof x) => Tensor): void =>
      checkGrads(f, [x, y], { order: 2 });
    at((a, b) => sum(complex.mul(a, b).re.mul(complex.mul(a, a).im)));
    at((a, b) => sum(complex.div(a, b).re.add(complex.div(b, a).im)));
    at((a, b) => sum(complex.abs(a).mul(complex.abs(b))));
    at((a, b) => sum(complex.angle(a).mul(complex.abs2(b))));
    at((a, b) => sum(complex.fromPolar(a.re, b.im).im.mul(complex.conj(a).im)));
    const g = grad((z: { re: Tensor; im: Tensor }) => sum(complex.abs(z)))({
      re: tensor([0, 3]),
      im: tensor([0, 4]),
    });
    close(g.re, [0, 0.6]);
    close(g.im, [0, 0.8]);
  });

  test('have as gradient of |z - c|^2 twice the difference, the direction of growth', () => {
    const c = { re: 1, im: 2 };
    const g = grad((z: { re: Tensor; im: Tensor }) =>
      complex.abs2({ re: z.re.sub(c.re), im: z.im.sub(c.im) }),
    )({ re: tensor(4), im: tensor(-1) });
    expect([g.re.item(), g.im.item()]).toEqual([6, -6]);
  });
});
