import { argmax, grad, hvp, jit, random, relu, type Tensor, tanh, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import * as nn from '@grad/nn';
import {
  deepFool,
  deepLift,
  fgsm,
  gradCam,
  gradTimesInput,
  guidedBackprop,
  integratedGradients,
  lrp,
  type Network,
  network,
  occlusion,
  pgd,
  saliency,
  smoothGrad,
} from '@grad/vision';
import { describe, expect, test } from 'vitest';

const float64 = { dtype: 'float64' } as const;
const largest = (z: Tensor): number => z.abs().max().item();

const layers = (act: (z: Tensor) => Tensor) =>
  nn.sequential({
    conv: nn.conv2d(1, 2, 3, { ...float64, padding: 1 }),
    act: nn.activation(act),
    pool: nn.avgPooling(2),
    flatten: nn.flatten(),
    head: nn.dense(8, 3, float64),
  });
const made = (act: (z: Tensor) => Tensor, seed: number): Network => {
  const model = layers(act);
  return network(model, model.init(random.key(seed)));
};
const smooth = made(tanh, 1);
const images = random.uniform(random.key(2), [3, 1, 4, 4], { low: 0.2, high: 1 });
const target = 1;

type Method = (model: Network, x: Tensor) => Tensor;
const methods: Record<string, Method> = {
  saliency: (m, x) => saliency(m, x, { target }),
  gradTimesInput: (m, x) => gradTimesInput(m, x, { target }),
  integratedGradients: (m, x) => integratedGradients(m, x, { target, steps: 3 }).attribution,
  smoothGrad: (m, x) => smoothGrad(m, x, { target, samples: 2, noise: 0 }),
  occlusion: (m, x) => occlusion(m, x, { target, window: [2, 2] }),
  guidedBackprop: (m, x) => guidedBackprop(m, x, { target }),
  gradCam: (m, x) => gradCam(m, 'act', x, { target }),
  deepLift: (m, x) => deepLift(m, x, { target, baseline: -0.3 }).attribution,
  lrp: (m, x) => lrp(m, x, { target, epsilon: 0.1 }),
};

describe.each(Object.entries(methods))('%s', (_name, method) => {
  const one = images.at([0, 1]);

  test('has derivatives of its own, of first and second order', () => {
    checkGrads((x: Tensor) => method(smooth, x), [one], { rtol: 1e-5 });
    // A loss of an attribution, as in training that is to attend to some pixels.
    const loss = (x: Tensor): Tensor => method(smooth, x).square().sum();
    const way = random.normal(random.key(3), one.shape);
    const along = hvp(loss, one, way);
    const h = 1e-5;
    const differences = grad(loss)(one.add(way.mul(h)))
      .sub(grad(loss)(one.sub(way.mul(h))))
      .div(2 * h);
    expect(largest(along.sub(differences))).toBeLessThan(1e-6 * (1 + largest(differences)));
    expect(largest(along)).toBeGreaterThan(1e-6);
  });

  test('is the same under jit, and one by one under vmap', () => {
    const found = method(smooth, images);
    expect(largest(jit((x: Tensor) => method(smooth, x))(images).sub(found))).toBeLessThan(1e-12);
    const each = vmap((x: Tensor) => method(smooth, x.expandDims(0)).squeeze(0));
    expect(largest(each(images).sub(found))).toBeLessThan(1e-12);
  });

  test('of a network with other weights is another one', () => {
    const [a, b] = [7, 9].map((seed) => {
      const map = method(made(relu, seed), images);
      const length = map.square().sum().sqrt().item();
      return map.div(length === 0 ? 1 : length);
    });
    expect(Math.abs(a && b ? a.mul(b).sum().item() : 1)).toBeLessThan(0.9);
  });
});

describe('attacks', () => {
  const x = images;
  const y = argmax(smooth(x), { axis: 1 });
  const attacks: Record<string, (z: Tensor, labels: Tensor) => Tensor> = {
    fgsm: (z, labels) => fgsm(smooth, z, labels, { eps: 0.1 }),
    pgd: (z, labels) => pgd(smooth, z, labels, { eps: 0.1, steps: 5 }),
    'pgd in l2': (z, labels) =>
      pgd(smooth, z, labels, { eps: 0.3, steps: 3, norm: 'l2', bounds: null }),
    deepFool: (z) => deepFool(smooth, z, { steps: 5 }).x,
  };

  test.each(Object.entries(attacks))('%s is the same under jit and vmap', (_name, attack) => {
    const found = attack(x, y);
    expect(largest(found.sub(x))).toBeGreaterThan(0.01);
    expect(largest(jit(attack)(x, y).sub(found))).toBeLessThan(1e-10);
    const each = vmap((z: Tensor, label: Tensor) =>
      attack(z.expandDims(0), label.expandDims(0)).squeeze(0),
    );
    expect(largest(each(x, y).sub(found))).toBeLessThan(1e-10);
  });

  test('the loss after an attack has derivatives in the weights, as adversarial training needs', () => {
    const model = nn.mlp([3, 4, 2], { ...float64, activation: tanh });
    const params = model.init(random.key(4));
    const rows = random.uniform(random.key(5), [2, 3]);
    const labels = tensor([0, 1], { dtype: 'int32' });
    const loss = (p: typeof params): Tensor => {
      const of = (z: Tensor): Tensor => model.apply(p, z);
      const led = pgd(of, rows, labels, { eps: 0.2, steps: 2, norm: 'l2', bounds: null });
      return nn.crossEntropy(of(led), labels);
    };
    checkGrads(loss, [params], { rtol: 1e-5 });
  });

  test('how far the border is has derivatives in x', () => {
    const distance = (z: Tensor): Tensor => deepFool(smooth, z, { steps: 4 }).distance;
    checkGrads(distance, [x.at([0, 1])], { order: 1, rtol: 1e-5 });
  });
});
