import {
  concatenate,
  eye,
  linalg,
  matmul,
  ones,
  random,
  sign,
  type Tensor,
  zeros,
} from '@grad/core';

/**
 * A random orthogonal matrix that leaves the vector of ones alone: in a basis whose first vector is along it, the rest
 * is turned by the Q of a normal matrix.
 *
 * @see P. Sakov and P. Oke, Mon. Wea. Rev. 136 (2008) 1042, appendix.
 */
export function rotation(key: Tensor, size: number): Tensor {
  // Reflects the first axis onto the ones: I - 2 u u' / u'u with u = e1 - ones / sqrt(size).
  const first = concatenate([ones([1]), zeros([size - 1])]);
  const u = first.sub(1 / Math.sqrt(size));
  const mirror = eye(size).sub(linalg.outer(u, u).mul(2).div(u.square().sum()));
  const [q, r] = linalg.qr(random.normal(key, [size - 1, size - 1]));
  const turn = q.mul(sign(linalg.diagonal(r)));
  const below = concatenate([zeros([size - 1, 1]), turn], { axis: 1 });
  const whole = concatenate([first.reshape([1, size]), below]);
  return matmul(matmul(mirror, whole), mirror);
}
