import {
  cond,
  customJvp,
  grad,
  jvp,
  sin,
  sum,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { dotProductTest } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

/** Steps that each entry of a batch takes for its own time, with some of the states kept. */
const grow =
  (checkpoint: 'store' | 'online' | number) =>
  (x: Tensor, to: Tensor): Tensor =>
    whileLoop(
      (c) => c.sum().lt(to),
      (c) => c.mul(1.3).add(sin(c).mul(0.1)),
      x,
      { checkpoint },
    );

const xs = tensor([
  [0.1, 0.4],
  [0.8, 0.2],
  [2, 3],
]);
const ends = tensor([9, 3, 4]);

describe('a batch of the derivative of a loop with few states', () => {
  test.each(['online', 3] as const)('kept %s, has a transpose', (checkpoint) => {
    const f = (kept: typeof checkpoint | 'store') => {
      // A rule is batched before it is transposed.
      const ruled = customJvp(
        (x: Tensor, to: Tensor) => grow(kept)(x, to),
        ([x, to], [dx]) => jvp((z: Tensor) => grow(kept)(z, to), [x], [dx]),
      );
      return (x: Tensor): Tensor => vmap(ruled)(x, ends);
    };
    const gradient = (kept: typeof checkpoint | 'store') =>
      grad((x: Tensor) => f(kept)(x).square().sum())(xs).dataSync();
    expect(gradient(checkpoint)).toEqual(gradient('store'));
    expect(dotProductTest(f(checkpoint), xs).relativeError).toBeLessThan(1e-14);
  });

  test('is right in a branch that some entries take', () => {
    const f =
      (checkpoint: 'store' | number) =>
      (x: Tensor): Tensor =>
        sum(
          vmap((t: Tensor, to: Tensor) =>
            cond(
              t.sum().lt(2),
              (u: Tensor) => grow(checkpoint)(u, to),
              (u: Tensor) => u.square(),
              t,
            ),
          )(x, ends),
        );
    expect(grad(f(2))(xs).dataSync()).toEqual(grad(f('store'))(xs).dataSync());
  });
});
