import { arange, einsum, grad, jit, jvp, matmul, scan, type Tensor, zeros } from '@grad/core';
import { expect, test } from 'vitest';

// Two operands read with a stride of 2 in one reduction, inside a loop: a vector loop that took the
// lanes of one of them from the wrong places gave wrong sums and hence wrong derivatives.
const total = (x: Tensor): Tensor =>
  scan(
    (sum) => [
      sum.add(
        x
          .at([0, 40, 2])
          .mul(x.at([0, 40, 2]))
          .sum(),
      ),
      null,
    ],
    zeros([]),
    null,
    { length: 3 },
  )[0];

const x = arange(40).astype('float64');
const squares = Array.from({ length: 20 }, (_, i) => (2 * i) ** 2).reduce((a, b) => a + b, 0);

test('sums over every second element are exact in loops, and so are their derivatives', () => {
  expect(jit(total)(x).item()).toBe(3 * squares);
  expect(jvp(total, [x], [x])[1].item()).toBe(6 * squares);
  expect(jit(grad(total))(x).toArray()).toEqual(
    Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 6 * i : 0)),
  );
});

test('products of batches of odd extents take the lanes of transposed operands where they are', () => {
  const batch = arange(12).reshape([2, 2, 3]).astype('float64');
  const products = [
    [
      [5, 14],
      [14, 50],
    ],
    [
      [149, 212],
      [212, 302],
    ],
  ];
  expect(matmul(batch, batch.transpose([0, 2, 1])).toArray()).toEqual(products);
  expect(einsum('bij,bkj->bik', batch, batch).toArray()).toEqual(products);
  expect(jit((t: Tensor) => einsum('bij,bkj->bik', t, t))(batch).toArray()).toEqual(products);
});
