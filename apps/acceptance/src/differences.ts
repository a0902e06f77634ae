import { grad, random, type Tensor } from '@grad/core';

/**
 * The gradient of a scalar function along a random direction against central differences with
 * Richardson's extrapolation, whose error is of fourth order; relative.
 */
export function differenceError(
  f: (x: Tensor) => Tensor,
  x: Tensor,
  { eps = 1e-3, seed = 0 }: { readonly eps?: number; readonly seed?: number } = {},
): number {
  const direction = random.normal(random.key(seed), x.shape, { dtype: 'float64' });
  const slope = (h: number): number =>
    (f(x.add(direction.mul(h))).item() - f(x.sub(direction.mul(h))).item()) / (2 * h);
  const expected = (4 * slope(eps / 2) - slope(eps)) / 3;
  return Math.abs(grad(f)(x).mul(direction).sum().item() / expected - 1);
}
