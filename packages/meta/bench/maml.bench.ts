import { grad, jit, random, type Tensor } from '@grad/core';
import { maml, sinusoids } from '@grad/meta';
import { mlp, mse } from '@grad/nn';
import { expect, test } from 'vitest';

test('the gradient of 25 sinusoids after one inner step', async ({ bench }) => {
  const model = mlp([1, 40, 40, 1]);
  const theta = model.init(random.key(0));
  const loss = (params: typeof theta, { x, y }: { x: Tensor; y: Tensor }): Tensor =>
    mse(model.apply(params, x), y);
  const learner = maml(loss, { innerSteps: 1, innerLearningRate: 0.01 });
  const gradient = jit(
    grad((at: typeof theta, key: Tensor) => learner.batch(at, sinusoids(key, { tasks: 25 })).loss),
  );
  const key = random.key(1);
  expect(Object.keys(gradient(theta, key))).toHaveLength(3);
  await bench('gradient in the start', () => {
    gradient(theta, key);
  }).run();
});
