import { grad, matmul, type Tensor, tensor } from '@grad/core';
import { maml } from '@grad/meta';
import type { Row } from '../../row.ts';

interface Bowl {
  readonly curvature: Tensor;
  readonly center: Tensor;
}

const task = {
  support: {
    curvature: tensor([
      [3, 1],
      [1, 2],
    ]),
    center: tensor([1, -1]),
  },
  query: {
    curvature: tensor([
      [2, 0],
      [0, 1],
    ]),
    center: tensor([0.5, 2]),
  },
};

const loss = (theta: Tensor, { curvature, center }: Bowl): Tensor => {
  const from = theta.sub(center);
  return matmul(curvature, from).mul(from).sum().div(2);
};

const judged =
  (firstOrder: boolean) =>
  (theta: Tensor, rate: Tensor): Tensor =>
    maml(loss, { innerSteps: 1, innerLearningRate: rate, firstOrder })(theta, task).loss;

/** One step on a quadratic function, whose derivatives are known. */
export function closedFormRows(): Row[] {
  const [theta, rate] = [tensor([0, 0]), tensor(0.1)];
  const found = judged(false)(theta, rate);
  const [inTheta, inRate] = grad(judged(false), { argnums: [0, 1] })(theta, rate);
  const first = grad(judged(true))(theta, rate);
  const source = 'worked out by hand';
  const row = (what: string, result: Tensor, value: number): Row => ({
    what: `quadratic task: ${what}`,
    result: result.item(),
    reference: { kind: 'exact', value, tolerance: 1e-12 },
    source,
  });
  return [
    row('loss after a step', found, 2.295),
    row('derivative in the first parameter', inTheta.at(0), -0.21),
    row('derivative in the second parameter', inTheta.at(1), -1.62),
    row('derivative in the step size', inRate, 0.9),
    row('first-order derivative in the first parameter', first.at(0), -0.6),
    row('first-order derivative in the second parameter', first.at(1), -2.1),
  ];
}
