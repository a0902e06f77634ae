import { jit, random, type Tensor, valueAndGrad } from '@grad/core';
import { mlp } from '@grad/nn';
import { bernoulliLikelihood, vae } from '@grad/vae';
import { expect, test } from 'vitest';

test('the bound of 100 images of 784 pixels, and its gradient', async ({ bench }) => {
  const model = vae({
    encoder: mlp([784, 200, 200, 100]),
    decoder: mlp([50, 200, 200, 784]),
    likelihood: bernoulliLikelihood(),
    latent: 50,
  });
  const params = model.init(random.key(0));
  const x = random.uniform(random.key(1), [100, 784]).gt(0.5).astype('float32');
  const loss = (p: typeof params, key: Tensor): Tensor => model.loss(p, x, { key });
  const [value, gradient] = [jit(loss), jit(valueAndGrad(loss))];
  const key = random.key(2);
  // Before training every pixel is near a fair coin: ln 2 each, and the divergence is small.
  const found = value(params, key).item();
  expect(Math.abs(found / (784 * Math.LN2) - 1)).toBeLessThan(0.2);
  expect(gradient(params, key)[0].item()).toBeCloseTo(found, 2);
  await bench.compare(
    bench('bound', () => void value(params, key).item()),
    bench('bound and gradient', () => void gradient(params, key)[0].item()),
  );
});
