import { grad, jvp, type Tensor, tensor, vjp, whileLoop, zeros } from '@grad/core';
import { expect, test } from 'vitest';

type Gradient = (f: (x: Tensor) => Tensor, x: Tensor) => Tensor;

/** Gradient by one forward pass for each coordinate. */
const forward: Gradient = (f, x) => {
  const basis = [tensor([1, 0]), tensor([0, 1])];
  const parts = basis.map((e) => jvp(f, [x], [e])[1].mul(e));
  return parts.reduce((sum, part) => sum.add(part), zeros([2]));
};

const reverse: Gradient = (f, x) => grad(f)(x);

const byPullback: Gradient = (f, x) => vjp(f, x)[1](tensor(1))[0];

/** Steepest descent with a fixed step until the gradient is small: a loop of unknown length. */
function minimum(f: (x: Tensor) => Tensor, start: Tensor, gradient: Gradient): Tensor {
  return whileLoop(
    (x) => gradient(f, x).square().sum().gt(1e-20),
    (x) => x.sub(gradient(f, x).mul(0.2)),
    start,
  );
}

// min over x of max over y of |x|^2 + x.y - |y|^2: the inner maximum lies at y = x / 2, so the
// outer function is 1.25 |x|^2, and the derivative of the inner search has to be right for it.
function saddle(outer: Gradient, inner: Gradient): { gradientAtStart: Tensor; x: Tensor } {
  const worst = (x: Tensor): Tensor => {
    const cost = (y: Tensor): Tensor => y.square().sum().sub(x.mul(y).sum()).sub(x.square().sum());
    return cost(minimum(cost, tensor([1, 1]), inner)).neg();
  };
  const start = tensor([1, -0.5]);
  return { gradientAtStart: outer(worst, start), x: minimum(worst, start, outer) };
}

test.for([
  ['forward over forward', forward, forward],
  ['forward over reverse', forward, reverse],
  ['reverse over forward', reverse, forward],
  ['reverse over reverse', byPullback, reverse],
] as const)('a saddle point is found by %s', ([, outer, inner]) => {
  const { gradientAtStart, x } = saddle(outer, inner);
  const [g0, g1] = gradientAtStart.dataSync();
  expect(g0).toBeCloseTo(2.5, 9);
  expect(g1).toBeCloseTo(-1.25, 9);
  expect(Math.hypot(...x.dataSync())).toBeLessThan(1e-9);
});
