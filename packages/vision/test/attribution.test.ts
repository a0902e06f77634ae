import {
  argmax,
  grad,
  jit,
  random,
  relu,
  softplus,
  type Tensor,
  tanh,
  tensor,
  vmap,
} from '@grad/core';
import * as nn from '@grad/nn';
import {
  deepLift,
  gradCam,
  gradTimesInput,
  guidedBackprop,
  integratedGradients,
  lrp,
  type Network,
  network,
  occlusion,
  saliency,
  smoothGrad,
} from '@grad/vision';
import { describe, expect, test } from 'vitest';

const float64 = { dtype: 'float64' } as const;
const key = random.key(5);

/** relu(relu(x1 - 1) - relu(x2)). */
const small = nn.sequential({
  first: nn.dense(2, 2, float64),
  relu1: nn.activation(relu),
  last: nn.dense(2, 1, float64),
  relu2: nn.activation(relu),
});
const smallNet = network(small, {
  first: {
    weight: tensor([
      [1, 0],
      [0, 1],
    ]),
    bias: tensor([-1, 0]),
  },
  last: { weight: tensor([[1], [-1]]), bias: tensor([0]) },
});
const x = tensor([[3, 1]]);

describe('relu(relu(x1 - 1) - relu(x2)) at (3, 1)', () => {
  const cases: Record<string, [(m: Network, z: Tensor) => Tensor, number, number, number]> = {
    'gradient times input': [gradTimesInput, 3, -1, 12],
    'epsilon-LRP': [(m, z) => lrp(m, z), 3, -1, 8],
    DeepLIFT: [(m, z) => deepLift(m, z).attribution, 2, -1, 12],
    occlusion: [occlusion, 1, -1, 12],
    'integrated gradients': [
      (m, z) => integratedGradients(m, z, { steps: 1000, method: 'riemann' }).attribution,
      1.5,
      -0.5,
      2,
    ],
  };
  for (const [name, [method, a, b, digits]] of Object.entries(cases)) {
    test(`${name} is (${a}, ${b})`, () => {
      for (const run of [method, (m: Network, z: Tensor) => jit((i: Tensor) => method(m, i))(z)]) {
        const found = run(smallNet, x).dataSync();
        expect(found[0]).toBeCloseTo(a, digits);
        expect(found[1]).toBeCloseTo(b, digits);
      }
    });
  }

  test('a functional relu gives the same', () => {
    const plain = (z: Tensor): Tensor => relu(relu(z.at(null, 0).sub(1)).sub(relu(z.at(null, 1))));
    expect(gradTimesInput(plain, x).toArray()).toEqual([[3, -1]]);
    expect(occlusion(plain, x).toArray()).toEqual([[1, -1]]);
  });
});

const features = (act: (z: Tensor) => Tensor, pool: nn.AnyLayer) =>
  nn.sequential({
    conv: nn.conv2d(1, 3, 3, { ...float64, padding: 'same' }),
    norm: nn.batchNorm(3, float64),
    act1: nn.activation(act),
    skip: nn.residual(
      nn.sequential({
        conv: nn.conv2d(3, 3, 3, { ...float64, padding: 1 }),
        act: nn.activation(act),
      }),
    ),
    wide: nn.parallel(
      { a: nn.conv2d(3, 2, 1, float64), b: nn.conv2d(3, 1, 3, { ...float64, padding: 1 }) },
      { combine: 'concatenate' },
    ),
    pool,
    act2: nn.activation(act),
    flatten: nn.flatten(),
    head: nn.dense(27, 4, float64),
  });

function made(act: (z: Tensor) => Tensor, pool: nn.AnyLayer = nn.maxPooling(2)): Network {
  const model = features(act, pool);
  const mean = tensor([0.1, -0.2, 0.3]);
  return network(model, model.init(key), {
    state: { norm: { mean, variance: tensor([0.5, 2, 1.5]) } },
  });
}

const images = random.normal(random.key(6), [2, 1, 6, 6]);
const close = (a: Tensor, b: Tensor, size: number): void =>
  expect(a.sub(b).abs().max().item()).toBeLessThan(size);

describe('completeness', () => {
  test('integrated gradients of smooth networks to 1e-10', () => {
    for (const act of [tanh, softplus]) {
      const net = made(act, nn.avgPooling(2));
      const { attribution, delta } = integratedGradients(net, images, { target: 2, steps: 40 });
      expect(delta.abs().max().item()).toBeLessThan(1e-10);
      const sum = attribution.sum({ axis: [1, 2, 3] });
      const scores = net(images)
        .sub(net(images.mul(0)))
        .at(null, 2);
      close(sum, scores, 1e-10);
    }
  });

  test('the error on relu networks falls as 1 / steps', () => {
    const net = made(relu);
    const errors = [10, 1000].map((steps) =>
      integratedGradients(net, images, { steps, method: 'riemann' }).delta.abs().max().item(),
    );
    expect(errors[1]).toBeLessThan((errors[0] ?? 0) / 10);
    expect(errors[1]).toBeGreaterThan(0);
  });

  test('DeepLIFT through skips, concatenation, batchNorm and maxima', () => {
    for (const act of [relu, tanh]) {
      const baseline = random.normal(random.key(8), [1, 6, 6]);
      const { delta, attribution } = deepLift(made(act), images, { baseline, target: [1, 3] });
      expect(delta.abs().max().item()).toBeLessThan(1e-10);
      expect(attribution.abs().max().item()).toBeGreaterThan(0.01);
    }
  });

  test('LRP keeps the score where there are no biases', () => {
    const free = { ...float64, bias: false };
    const model = nn.sequential({
      conv: nn.conv2d(1, 3, 3, { ...free, padding: 1 }),
      relu: nn.activation(relu),
      skip: nn.residual(nn.conv2d(3, 3, 3, { ...free, padding: 1 })),
      pool: nn.maxPooling(2),
      flatten: nn.flatten(),
      head: nn.dense(27, 4, free),
    });
    const net = network(model, model.init(key));
    const scores = net(images).at(null, 1);
    close(lrp(net, images, { target: 1 }).sum({ axis: [1, 2, 3] }), scores, 1e-6);
    const gamma = lrp(net, images.abs(), { target: 1, gamma: 0.25 });
    close(gamma.sum({ axis: [1, 2, 3] }), net(images.abs()).at(null, 1), 1e-6);
    expect(
      gamma
        .sub(lrp(net, images.abs(), { target: 1 }))
        .abs()
        .max()
        .item(),
    ).toBeGreaterThan(1e-3);
    // Without biases the epsilon rule is gradient times input, for relu and sums.
    const plain = nn.sequential({
      a: nn.dense(5, 7, free),
      r: nn.activation(relu),
      b: nn.dense(7, 2, free),
    });
    const plainNet = network(plain, plain.init(key));
    const rows = random.normal(key, [3, 5]);
    close(lrp(plainNet, rows, { epsilon: 0 }), gradTimesInput(plainNet, rows), 1e-10);
  });
});

describe('gradients', () => {
  test('saliency is the gradient, of each row its own, under jit and vmap', () => {
    const net = made(tanh, nn.avgPooling(2));
    const found = saliency(net, images, { target: [1, 3] });
    const one = (row: number, c: number): Tensor =>
      grad((z: Tensor) => net(z).at(0, c))(images.at([row, row + 1]));
    close(found.at([0, 1]), one(0, 1), 1e-12);
    close(found.at([1, 2]), one(1, 3), 1e-12);
    close(jit((z: Tensor) => saliency(net, z, { target: [1, 3] }))(images), found, 1e-12);
    const each = vmap((z: Tensor) => saliency(net, z.expandDims(0), { target: 1 }).squeeze(0));
    close(each(images), saliency(net, images, { target: 1 }), 1e-12);
    // Without a target it is the class of the highest score.
    const [first] = argmax(net(images), { axis: 1 }).dataSync();
    close(saliency(net, images).at([0, 1]), one(0, Number(first)), 1e-12);
  });

  test('smoothGrad of a quadratic is its gradient plus noise that averages out', () => {
    const quadratic = (z: Tensor): Tensor => z.square().sum({ axis: 1 });
    const found = smoothGrad(quadratic, x, { samples: 4000, noise: 0.5, key });
    close(found, x.mul(2), 0.08);
    expect(found.sub(x.mul(2)).abs().max().item()).toBeGreaterThan(0);
    close(smoothGrad(quadratic, x, { noise: 0 }), x.mul(2), 1e-12);
  });

  test('guided backpropagation lets only positive slopes through a relu', () => {
    const net = network(small, {
      first: {
        weight: tensor([
          [1, 0],
          [0, 1],
        ]),
        bias: tensor([0, 0]),
      },
      last: { weight: tensor([[1], [-1]]), bias: tensor([0]) },
    });
    expect(saliency(net, x).toArray()).toEqual([[1, -1]]);
    expect(guidedBackprop(net, x).toArray()).toEqual([[1, 0]]);
    const smooth = made(tanh);
    close(guidedBackprop(smooth, images), saliency(smooth, images), 1e-12);
  });

  test('Grad-CAM is the weighted sum of channels, enlarged', () => {
    const net = made(relu);
    const step = net.steps(images).find(({ name }) => name === 'pool');
    const output = step?.output ?? images;
    const found = gradCam(net, 'pool', images, { target: 0, raw: true });
    expect(found.shape).toEqual([2, 3, 3]);
    const head = (z: Tensor): Tensor =>
      net
        .steps(images)
        .slice(6)
        .reduce((h, each) => each.apply(h), z)
        .at(null, 0)
        .sum();
    const weights = grad(head)(output).mean({ axis: [2, 3], keepdims: true });
    close(found, relu(output.mul(weights).sum({ axis: 1 })), 1e-12);
    const large = gradCam(net, 'pool', images, { target: 0 });
    expect(large.shape).toEqual([2, 6, 6]);
    expect(large.at(0, 0, 0).item()).toBeCloseTo(found.at(0, 0, 0).item(), 12);
    const mixed = found
      .at(0, 0, 0)
      .mul(0.75)
      .add(found.at(0, 0, 1).mul(0.25))
      .item();
    expect(large.at(0, 0, 1).item()).toBeCloseTo(mixed, 12);
  });

  test('a randomized network is attributed differently', () => {
    const model = features(relu, nn.maxPooling(2));
    const state = model.initState();
    const [a, b] = [7, 8].map((seed) => {
      const net = network(model, model.init(random.key(seed)), { state });
      const map = saliency(net, images, { target: 0 });
      return map.div(map.square().sum().sqrt());
    });
    const cosine = a && b ? a.mul(b).sum().item() : 1;
    expect(Math.abs(cosine)).toBeLessThan(0.7);
  });
});

test('occlusion with windows takes the mean over those that cover an element', () => {
  const sum = (z: Tensor): Tensor => z.sum({ axis: [1, 2] });
  const ones = tensor([
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ]);
  expect(occlusion(sum, ones, { window: [2], stride: [1] }).toArray()).toEqual([
    [
      [3, 4, 5],
      [9, 10, 11],
    ],
  ]);
  expect(occlusion(sum, ones, { window: [2, 2] }).toArray()).toEqual([
    [
      [12, 12, 0],
      [12, 12, 0],
    ],
  ]);
});

test('what is wrong is said', () => {
  const net = made(relu);
  const scores = (z: Tensor): Tensor => z;
  expect(() => saliency(scores, tensor([1, 2], { dtype: 'int32' }))).toThrow(
    /saliency: x is int32/,
  );
  expect(() => saliency(scores, 1)).toThrow(/x is a scalar/);
  expect(() => saliency((z) => z.sum(), x)).toThrow(/must give scores \[1, classes\] or \[1\]/);
  expect(() => saliency(scores, x, { target: [0, 1] })).toThrow(/target has shape \[2\]/);
  expect(() => saliency(scores, x, { target: tensor([0.5]) })).toThrow(/target is float64/);
  expect(() => saliency((z) => z.sum({ axis: 1 }), x, { target: 1 })).toThrow(/leave target out/);
  expect(() => saliency(scores, x, { target: 7 })).toThrow(RangeError);
  expect(() => integratedGradients(scores, x, { steps: 0 })).toThrow(/steps is 0/);
  expect(() => integratedGradients(scores, x, { baseline: [1, 2, 3] })).toThrow(
    /the baseline has shape \[3\]/,
  );
  expect(() => smoothGrad(scores, x, { samples: 0.5 })).toThrow(/samples is 0.5/);
  expect(() => smoothGrad(scores, x, { noise: -1 })).toThrow(/noise is -1/);
  expect(() => gradCam(net, 'conv9', images)).toThrow(/no layer 'conv9'; there are conv, norm/);
  expect(() => gradCam(net, 'head', images)).toThrow(/must give maps/);
  expect(() => lrp(net, images, { epsilon: -1 })).toThrow(/epsilon is -1/);
  expect(() => occlusion(scores, x, { window: [2, 2] })).toThrow(/window has 2 sizes/);
  expect(() => occlusion(scores, x, { window: [0] })).toThrow(/a size of window is 0/);
  // @ts-expect-error a plain function has no layers
  expect(() => deepLift(scores, x)).toThrow(/network\(model, params\)/);
});
