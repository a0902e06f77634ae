import { type complex, fft, reshape, type Tensor } from '@grad/core';
import type { Draw, Scope } from '../scope.ts';
import type { Operations } from './operation.ts';

/** x with an axis at least, and elements on each. */
function line(scope: Scope, draw: Draw): Tensor {
  const x = scope.float(draw);
  if (x.size === 0) return scope.fit(x, [3]);
  return x.ndim === 0 ? reshape(x, [1]) : x;
}

/** Two parts of one shape. */
function pair(scope: Scope, draw: Draw): complex.Complex {
  const re = line(scope, draw);
  return { re, im: scope.fit(scope.float(draw), re.shape) };
}

/** Transforms that keep sums of squares, made as small as their operands. */
function small({ re, im }: complex.Complex): Tensor[] {
  const by = 1 / (2 * Math.sqrt(Math.max(1, re.size)));
  return [re.mul(by), im.mul(by)];
}

/** Fourier transforms. */
export const fourier: Operations = {
  fft: {
    build(scope, draw) {
      const x = pair(scope, draw);
      const axis = draw.below(x.re.ndim);
      const f = draw.flag() ? fft.fft : fft.ifft;
      return small(f(x, { axis, norm: 'ortho' }));
    },
  },
  rfft: {
    build(scope, draw) {
      const x = line(scope, draw);
      return small(fft.rfft(x, { axis: draw.below(x.ndim), norm: 'ortho' }));
    },
  },
  irfft: {
    build(scope, draw) {
      const x = pair(scope, draw);
      const n = 2 * (x.re.shape.at(-1) ?? 1) - Number(draw.flag());
      const by = 1 / (4 * Math.sqrt(n));
      return fft.irfft(x, { n, norm: 'ortho' }).mul(by);
    },
  },
  fftconvolve: {
    build(scope, draw) {
      const x = line(scope, draw);
      const y = scope.fit(scope.float(draw), x.shape);
      return fft.fftconvolve(x, y, { mode: 'same' }).mul(1 / (4 * x.size));
    },
  },
};
