/**
 * Fourier transforms of real numbers and of complex ones, which are pairs `{ re, im }` of tensors, along
 * axes of any length; their derivatives are transforms again.
 */

export { fft, fft2, fftn, ifft, ifft2, ifftn } from './complex-transforms.ts';
export { type FftConvolveOptions, fastLength, fftconvolve } from './convolve.ts';
export { type FrequencyOptions, fftfreq, rfftfreq } from './frequencies.ts';
export type { FourierAxesOptions, FourierNorm, FourierOptions } from './options.ts';
export { irfft, irfft2, irfftn, rfft, rfft2, rfftn } from './real-transforms.ts';
export { fftshift, ifftshift, type ShiftOptions } from './shift.ts';
