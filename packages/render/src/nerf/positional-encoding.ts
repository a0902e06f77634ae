import { concatenate, cos, sin, type Tensor } from '@grad/core';

/**
 * Points and the sines and cosines of their multiples, so that a network can tell fine things apart:
 * x, sin(2^k x), cos(2^k x) for k = 0 ... frequencies - 1.
 *
 * @param x `[..., d]`
 * @returns `[..., d (2 frequencies + 1)]`
 * @see Mildenhall et al., NeRF, ECCV 2020, equation 4, there with multiples of pi; Tancik et al., Fourier features let
 *   networks learn high frequency functions, NeurIPS 2020.
 */
export function positionalEncoding(x: Tensor, frequencies: number): Tensor {
  const waves = Array.from({ length: frequencies }, (_, k) => {
    const angle = x.mul(2 ** k);
    return [sin(angle), cos(angle)];
  });
  return concatenate([x, ...waves.flat()], { axis: -1 });
}
