import { argmax, jit, random, relu, type Tensor } from '@grad/core';
import { activation, conv2d, flatten, maxPooling, mlp, sequential } from '@grad/nn';
import { deepLift, integratedGradients, network, pgd, saliency } from '@grad/vision';
import { expect, test } from 'vitest';

const few = { time: 0, iterations: 5, warmupTime: 0, warmupIterations: 1 };

test('attributions of 32 images of 28 x 28 by LeNet, and an attack on them', async ({ bench }) => {
  const lenet = sequential({
    conv1: conv2d(1, 6, 5),
    relu1: activation(relu),
    pool1: maxPooling(2),
    conv2: conv2d(6, 16, 5),
    relu2: activation(relu),
    pool2: maxPooling(2),
    flatten: flatten(),
    head: mlp([256, 120, 84, 10], { activation: relu }),
  });
  const net = network(lenet, lenet.init(random.key(0)));
  const x = random.uniform(random.key(1), [32, 1, 28, 28], { dtype: 'float32' });
  const labels = argmax(net(x), { axis: 1 });
  const rules = {
    saliency: jit((z: Tensor) => saliency(net, z)),
    'integrated gradients': jit((z: Tensor) => integratedGradients(net, z).attribution),
    DeepLIFT: jit((z: Tensor) => deepLift(net, z).attribution),
    PGD: jit((z: Tensor) => pgd(net, z, labels, { eps: 0.1, steps: 10 })),
  };
  expect(deepLift(net, x).delta.abs().max().item()).toBeLessThan(1e-4);
  expect(rules.PGD(x).sub(x).abs().max().item()).toBeLessThan(0.1001);
  await bench.compare(
    ...Object.entries(rules).map(([name, rule]) => bench(name, () => void rule(x).dataSync())),
    few,
  );
}, 120_000);
