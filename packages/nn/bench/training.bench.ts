import { grad, jit, random, relu, type Tensor, tree } from '@grad/core';
import {
  activation,
  conv2d,
  crossEntropy,
  flatten,
  type Layer,
  maxPooling,
  mlp,
  sequential,
} from '@grad/nn';
import { expect, test } from 'vitest';

// The models of bench/cases/mlp and bench/cases/lenet, which compare with PyTorch and JAX.
const batch = 64;
const float32 = { dtype: 'float32' } as const;
const lenet = sequential({
  conv1: conv2d(1, 6, 5),
  relu1: activation(relu),
  pool1: maxPooling(2),
  conv2: conv2d(6, 16, 5),
  relu2: activation(relu),
  pool2: maxPooling(2),
  flatten: flatten(),
  head: mlp([256, 120, 84, 10]),
});
const perceptron = mlp([64, 256, 256, 10]);

interface Training {
  /** One step of gradient descent. */
  step(): void;
  loss(): number;
}

function training<P>(model: Layer<P>, shape: readonly number[]): Training {
  const x = random.normal(random.key(1), shape, float32);
  const y = random.randint(random.key(2), 0, 10, [batch]);
  const [first, structure] = tree.flatten(model.init(random.key(3)));
  const loss = (leaves: readonly Tensor[]): Tensor =>
    crossEntropy(model.apply(tree.unflatten<P>(structure, leaves), x), y);
  const descend = jit((leaves: readonly Tensor[]): readonly Tensor[] => {
    const slopes = grad(loss)(leaves);
    return leaves.map((leaf, i) => leaf.sub((slopes[i] ?? leaf).mul(0.01)));
  });
  let params: readonly Tensor[] = first;
  return {
    step: () => {
      params = descend(params);
    },
    loss: () => loss(params).item(),
  };
}

test('steps of gradient descent', async ({ bench }) => {
  const ofLenet = training(lenet, [batch, 1, 28, 28]);
  const ofMlp = training(perceptron, [batch, 64]);
  for (const { step, loss } of [ofLenet, ofMlp]) {
    const start = loss();
    for (let i = 0; i < 20; i++) step();
    expect(loss()).toBeLessThan(start);
  }
  await bench.compare(
    bench('LeNet, batch 64', () => ofLenet.step()),
    bench('MLP 64-256-256-10, batch 64', () => ofMlp.step()),
  );
});
