import { complex, fft, tensor, zeros } from '@grad/core';
import { expect, test } from 'vitest';
import { errorOf, expectMessage, named } from '../../errors/public-functions.ts';

const pair = { re: zeros([2, 3]), im: zeros([2, 3]) };

test.each([
  ['fft.fft', () => fft.fft(pair, { axis: 2 }), 'axis 2 is out of range for shape [2, 3]'],
  ['fft.fft', () => fft.fft(3), 'a scalar has no axes'],
  ['fft.fft', () => fft.fft(pair, { n: 0 }), 'n must be a whole number >= 1'],
  ['fft.ifft', () => fft.ifft(pair, { n: 2.5 }), 'n must be a whole number >= 1'],
  ['fft.fft', () => fft.fft(zeros([2, 0])), 'no elements to transform; give n'],
  ['fft.fft', () => fft.fft({ re: zeros([2]), im: zeros([3]) }), 're has shape [2] and im [3]'],
  ['fft.irfft', () => fft.irfft({ re: [1], im: [0] }), 'half of a spectrum of 0; say in n'],
  ['fft.irfft2', () => fft.irfft2(zeros([3, 1])), 'half of a spectrum of 0; say in shape'],
  ['fft.irfft', () => fft.irfft({ re: zeros([2]), im: zeros([1]) }), 'both parts have one shape'],
  ['fft.fft2', () => fft.fft2(zeros([3])), 'axis -2 is out of range'],
  ['fft.fft2', () => fft.fft2(pair, { shape: [4] }), 'gives 1 extents for the 2 axes'],
  ['fft.fftn', () => fft.fftn(pair, { axes: [0, -2] }), 'repeat for shape [2, 3]'],
  ['fft.fftn', () => fft.fftn(pair, { axes: [] }), 'no axis to transform along'],
  [
    'fft.rfftn',
    () => fft.rfftn(zeros([2, 3]), { shape: [2, 0] }),
    'shape must be a whole number >= 1',
  ],
  ['fft.fftfreq', () => fft.fftfreq(0), 'n must be a whole number >= 1'],
  ['fft.rfftfreq', () => fft.rfftfreq(4, { spacing: 0 }), 'spacing is 0'],
  ['fft.fftshift', () => fft.fftshift([1, 2], { axes: 1 }), 'axis 1 is out of range'],
  ['fft.fftconvolve', () => fft.fftconvolve([1, 2], [[1]]), 'equally many axes'],
  ['fft.fftconvolve', () => fft.fftconvolve([1, 2], []), 'no elements on an axis'],
  [
    'fft.fftconvolve',
    () => fft.fftconvolve([1], [1, 2], { mode: 'valid' }),
    'at least as large as y',
  ],
  ['complex.mul', () => complex.mul(pair, zeros([4])), 'do not broadcast'],
  ['complex.abs', () => complex.abs({ re: zeros([2]), im: 1 }), 're has shape [2] and im []'],
] as const)('%s names the shapes and says what to do (%#)', (name, call, about) => {
  expectMessage(name, errorOf(call), about);
});

test('parts of two float dtypes do not mix, and a pair is no real signal', () => {
  const mixed = { re: zeros([2], { dtype: 'float32' }), im: zeros([2]) };
  expectMessage(
    'fft.fft',
    errorOf(() => fft.fft(mixed)),
    'float32 and float64',
  );
  expectMessage(
    'fft.rfft',
    errorOf(() => named('fft.rfft')(pair)),
    'takes real numbers',
  );
  expectMessage(
    'fft.fft',
    errorOf(() => named('fft.fft')({ re: tensor([1]) })),
    /im is missing/,
  );
  expectMessage(
    'fft.fft',
    errorOf(() => named('fft.fft')([1], { norm: 'unitary' })),
    "'ortho'",
  );
  expectMessage(
    'fft.fft',
    errorOf(() => named('fft.fft')([1], { axes: [0] })),
    "no option 'axes'",
  );
  expect(fft.fft(tensor([true, false])).re.toArray()).toEqual([1, 1]);
});
