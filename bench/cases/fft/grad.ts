import { type complex, fft, jit, type Tensor } from '../../../packages/core/src/index.ts';
import { calling, given } from '../../src/peers/grad-side.ts';
import type { Prepare } from '../../src/suite.ts';

const parts = ({ re, im }: complex.Complex): Tensor[] => [re, im];

const operations: Readonly<Record<string, (re: Tensor, im: Tensor) => unknown>> = {
  fft: (re, im) => parts(fft.fft({ re, im })),
  fft2: (re, im) => parts(fft.fft2({ re, im })),
  fftn: (re, im) => parts(fft.fftn({ re, im })),
  rfft: (re) => parts(fft.rfft(re)),
  irfft: (re, im) => fft.irfft({ re, im }),
};

export const prepare: Prepare = (inputs, options) => {
  const operation = operations[`${options['operation']}`];
  if (!operation) return null;
  const [f, re, im] = [jit(operation), given(inputs, 're'), given(inputs, 'im')];
  return calling(() => f(re, im));
};
