import { argmax, grad, jit, random, relu, type Tensor } from '@grad/core';
import { activation, conv2d, crossEntropy, flatten, maxPooling, mlp, sequential } from '@grad/nn';
import { apgd, deepLift, integratedGradients, lrp, network, pgd } from '@grad/vision';
import { expect, test } from 'vitest';

// LeNet-5 on 4 images. Each method is measured beside the gradients that it is made of: what a library that
// calls the model anew for each gradient would take at the least.
const model = sequential({
  conv1: conv2d(1, 6, 5),
  relu1: activation(relu),
  pool1: maxPooling(2),
  conv2: conv2d(6, 16, 5),
  relu2: activation(relu),
  pool2: maxPooling(2),
  flatten: flatten(),
  head: mlp([256, 120, 84, 10]),
});
const lenet = network(model, model.init(random.key(0)));
const x = random.uniform(random.key(1), [4, 1, 28, 28], { dtype: 'float32' });
const y = argmax(lenet(x), { axis: 1 });
const steps = 10;

test('attributions beside their gradients', async ({ bench }) => {
  const slope = jit(grad((z: Tensor) => lenet(z).max({ axis: 1 }).sum()));
  const integrated = jit((z: Tensor) => integratedGradients(lenet, z, { steps }).attribution);
  const byDifferences = jit((z: Tensor) => deepLift(lenet, z).attribution);
  const byRelevance = jit((z: Tensor) => lrp(lenet, z));
  for (const f of [slope, integrated, byDifferences, byRelevance]) {
    expect(f(x).shape).toEqual(x.shape);
  }
  await bench.compare(
    bench(`${steps} gradients, one call each`, () => {
      for (let k = 0; k < steps; k++) slope(x);
    }),
    bench(`integrated gradients, ${steps} steps in one call`, () => void integrated(x)),
    bench('DeepLIFT', () => void byDifferences(x)),
    bench('LRP', () => void byRelevance(x)),
  );
});

test('attacks beside their gradients', async ({ bench }) => {
  const slope = jit(
    grad((z: Tensor, labels: Tensor) => crossEntropy(lenet(z), labels, { reduction: 'sum' })),
  );
  const options = { eps: 0.1, steps };
  const projected = jit((z: Tensor, labels: Tensor) => pgd(lenet, z, labels, options));
  const adaptive = jit((z: Tensor, labels: Tensor) => apgd(lenet, z, labels, options));
  const loss = (z: Tensor): number => crossEntropy(lenet(z), y).item();
  for (const f of [projected, adaptive]) expect(loss(f(x, y))).toBeGreaterThan(loss(x));
  await bench.compare(
    bench(`${steps} gradients, one call each`, () => {
      for (let k = 0; k < steps; k++) slope(x, y);
    }),
    bench(`PGD, ${steps} steps`, () => void projected(x, y)),
    bench(`APGD, ${steps} steps`, () => void adaptive(x, y)),
  );
});
