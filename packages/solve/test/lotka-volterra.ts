import type { Tensor } from '@grad/core';

/** Predators and prey: u' = a u - b u v, v' = -c v + d u v. */
export const lotkaVolterra = (
  [u, v]: readonly [Tensor, Tensor],
  _: Tensor,
  [a, b, c, d]: readonly [Tensor, Tensor, Tensor, Tensor],
): [Tensor, Tensor] => [u.mul(a).sub(u.mul(v).mul(b)), u.mul(v).mul(d).sub(v.mul(c))];

export const rates = [1.5, 1, 3, 1] as const;
