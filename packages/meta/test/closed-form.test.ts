import { eye, grad, jit, linalg, matmul, type Tensor, tensor, vmap } from '@grad/core';
import { implicitMaml, maml, metaSgd, reptile } from '@grad/meta';
import { sgd } from '@grad/optim';
import { describe, expect, test } from 'vitest';
import { apart, loss, quadratic } from './quadratic.ts';

const start = tensor([0, 0]);
const alpha = tensor(0.1);
const { support, query } = quadratic;

describe('one step on a quadratic', () => {
  const judged = (theta: Tensor, rate: Tensor): Tensor =>
    maml(loss, { innerSteps: 1, innerLearningRate: rate })(theta, quadratic).loss;

  test('has the value and derivatives of the closed form', () => {
    expect(Math.abs(judged(start, alpha).item() - 2.295)).toBeLessThan(1e-12);
    const [inTheta, inRate] = grad(judged, { argnums: [0, 1] })(start, alpha);
    expect(apart(inTheta, [-0.21, -1.62])).toBeLessThan(1e-12);
    expect(Math.abs(inRate.item() - 0.9)).toBeLessThan(1e-12);
  });

  test('has them when compiled, and in a batch', () => {
    const [inTheta, inRate] = jit(grad(judged, { argnums: [0, 1] }))(start, alpha);
    expect(apart(inTheta, [-0.21, -1.62])).toBeLessThan(1e-12);
    expect(Math.abs(inRate.item() - 0.9)).toBeLessThan(1e-12);
    const starts = tensor([
      [0, 0],
      [0, 0],
    ]);
    const both = vmap((theta: Tensor) => grad(judged)(theta, alpha))(starts);
    expect(apart(both.at(1), [-0.21, -1.62])).toBeLessThan(1e-12);
  });

  test('of first order leaves out second derivatives', () => {
    const first = (theta: Tensor, rate: Tensor): Tensor =>
      maml(loss, { innerSteps: 1, innerLearningRate: rate, firstOrder: true })(theta, quadratic)
        .loss;
    const [inTheta, inRate] = grad(first, { argnums: [0, 1] })(start, alpha);
    expect(apart(inTheta, [-0.6, -2.1])).toBeLessThan(1e-12);
    expect(Math.abs(inRate.item() - 0.9)).toBeLessThan(1e-12);
  });

  test('has a derivative for each step size', () => {
    // d loss / d rates = -(gradient on the query) * (gradient on the support).
    const learner = metaSgd(loss, { innerSteps: 1 });
    const meta = learner.init(start, 0.1);
    const { params, rates } = grad((of: typeof meta): Tensor => learner(of, quadratic).loss)(meta);
    expect(apart(params, [-0.21, -1.62])).toBeLessThan(1e-12);
    expect(apart(rates, [-1.2, 2.1])).toBeLessThan(1e-12);
  });
});

test('many steps shrink the error by the power of I - alpha A', () => {
  const steps = 7;
  const shrink = eye(2).sub(support.matrix.mul(0.1));
  let power = eye(2);
  for (let i = 0; i < steps; i++) power = matmul(power, shrink);
  const exact = (theta: Tensor): Tensor =>
    loss(support.center.add(matmul(power, theta.sub(support.center))), query);
  const learner = maml(loss, { innerSteps: steps, innerLearningRate: 0.1 });
  const slope = grad((theta: Tensor) => learner(theta, quadratic).loss)(start);
  expect(apart(slope, [...grad(exact)(start).dataSync()].map(Number))).toBeLessThan(1e-12);
  const none = learner.adapt(start, support, { steps: 0 });
  expect(apart(none, [0, 0])).toBe(0);
});

test('implicit gradients are those of the minimum with a penalty', () => {
  // phi = (A + lambda I)^-1 (A a + lambda theta).
  const exact = (theta: Tensor, lambda: Tensor): Tensor => {
    const system = support.matrix.add(eye(2).mul(lambda));
    const right = matmul(support.matrix, support.center).add(theta.mul(lambda));
    return loss(linalg.solve(system, right), query);
  };
  const implicit = (theta: Tensor, lambda: Tensor): Tensor =>
    implicitMaml(loss, { innerSteps: 300, innerLearningRate: 0.15, lambda })(theta, quadratic).loss;
  const at = [tensor([0.3, -0.2]), tensor(2)] as const;
  expect(Math.abs(implicit(...at).item() - exact(...at).item())).toBeLessThan(1e-12);
  const found = jit(grad(implicit, { argnums: [0, 1] }))(...at);
  const known = grad(exact, { argnums: [0, 1] })(...at);
  found.forEach((slope, i) => {
    const other = known[i];
    expect(other && slope.sub(other).abs().max().item()).toBeLessThan(1e-12);
  });
});

test("the gradient of Reptile's loss is the way back from the adapted parameters", () => {
  const learner = reptile(loss, { innerSteps: 2, optimizer: sgd({ learningRate: 0.1 }) });
  const theta = tensor([0.3, -0.2]);
  const adapted = learner.adapt(theta, support);
  const slope = grad((at: Tensor) => learner(at, quadratic).loss)(theta);
  expect(slope.sub(theta.sub(adapted)).abs().max().item()).toBeLessThan(1e-15);
  const shrink = eye(2).sub(support.matrix.mul(0.1));
  const exact = support.center.add(matmul(matmul(shrink, shrink), theta.sub(support.center)));
  expect(adapted.sub(exact).abs().max().item()).toBeLessThan(1e-15);
});
