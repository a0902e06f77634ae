import { grad, random, type Tensor, tree } from '@grad/core';
import { gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import * as nn from '@grad/nn';
import { describe, expect, test } from 'vitest';
import { type Case, mixture, reference, sines } from './torch/sines.ts';

expect.extend(gradMatchers);

const float64 = { dtype: 'float64' } as const;
const key = random.key(0);
const close = { rtol: 1e-12, atol: 1e-14 };

function caseOf(name: string): Case {
  const found = reference.layers[name];
  if (!found) throw new Error(`torch.json has no case '${name}'`);
  return found;
}

/** Parameters of sines, in the order of their names. */
function sinesLike<P>(params: P): P {
  const [leaves, structure] = tree.flatten(params);
  return tree.unflatten<P>(
    structure,
    leaves.map((leaf, k) => sines(leaf.shape, k + 1)),
  );
}

const flat = (x: Tensor): Tensor => x.reshape([-1]);

/** Compares result and gradients of a layer, given how it is run. */
function compare<P>(
  name: string,
  shape: readonly number[],
  made: P,
  run: (params: P, x: Tensor) => Tensor,
): void {
  const expected = caseOf(name);
  const params = sinesLike(made);
  const x = sines(shape, 0);
  const y = run(params, x);
  expect(y.shape).toEqual(expected.shape);
  expect(flat(y)).toBeAllclose(expected.y, close);
  const loss = (p: P, input: Tensor): Tensor => {
    const result = run(p, input);
    return result.mul(mixture(result.shape)).sum();
  };
  const slope = grad((input: Tensor) => loss(params, input))(x);
  expect(flat(slope)).toBeAllclose(expected.x, close);
  const names = Object.keys(expected.params).sort();
  if (names.length === 0) return;
  const [leaves, structure] = tree.flatten(params);
  const slopes = grad((given: readonly Tensor[]) => loss(tree.unflatten<P>(structure, given), x))(
    leaves,
  );
  expect(slopes.length).toBe(names.length);
  names.forEach((param, i) => {
    expect(flat(slopes[i] ?? x)).toBeAllclose(expected.params[param], close);
  });
}

/** A layer that is the same in training. */
function same<P>(name: string, shape: readonly number[], layer: nn.Layer<P>): void {
  test(`${name} gives the result and gradients of PyTorch`, () => {
    compare(name, shape, layer.init(key), (p, x) => layer.apply(p, x));
  });
}

describe('layers', () => {
  same('dense', [2, 3], nn.dense(3, 4, float64));
  same('dense of three axes', [2, 2, 3], nn.dense(3, 4, float64));
  same('conv1d', [2, 2, 7], nn.conv1d(2, 3, 3, { ...float64, strides: 2, padding: 1 }));
  same('conv2d', [2, 2, 5, 6], nn.conv2d(2, 3, 3, float64));
  same(
    'conv2d with options',
    [2, 4, 6, 5],
    nn.conv2d(4, 6, [3, 2], {
      ...float64,
      strides: [2, 1],
      padding: [1, 0],
      dilation: [1, 2],
      groups: 2,
    }),
  );
  same('convTranspose2d', [2, 2, 3, 4], nn.convTranspose2d(2, 3, 3, float64));
  same(
    'convTranspose2d with options',
    [1, 4, 3, 2],
    nn.convTranspose2d(4, 6, 3, {
      ...float64,
      strides: 2,
      padding: 1,
      outputPadding: 1,
      groups: 2,
    }),
  );
  same('layerNorm', [2, 3, 5], nn.layerNorm(5, float64));
  same('layerNorm over two axes', [2, 3, 5], nn.layerNorm([3, 5], { ...float64, eps: 1e-3 }));
  same('maxPooling', [2, 2, 4, 5], nn.maxPooling(2));
  same('maxPooling with options', [1, 2, 5, 5], nn.maxPooling(3, { strides: 2, padding: 1 }));
  same('avgPooling', [2, 2, 4, 5], nn.avgPooling(2));
  same(
    'avgPooling with options',
    [1, 2, 5, 5],
    nn.avgPooling(3, { strides: 2, padding: 1, countIncludePad: false }),
  );
  same('globalAvgPooling', [2, 3, 3, 4], nn.globalAvgPooling());
  same('globalMaxPooling', [2, 3, 3, 4], nn.globalMaxPooling());

  test('embedding gives the rows and gradient of PyTorch', () => {
    const expected = caseOf('embedding');
    const layer = nn.embedding(5, 3, float64);
    const table = sinesLike(layer.init(key));
    const ids = [
      [1, 4],
      [0, 1],
    ];
    const y = layer.apply(table, ids);
    expect(y.shape).toEqual(expected.shape);
    expect(flat(y)).toBeAllclose(expected.y, close);
    const slope = grad((weight: Tensor) =>
      layer
        .apply({ weight }, ids)
        .mul(mixture([2, 2, 3]))
        .sum(),
    )(table.weight);
    expect(flat(slope)).toBeAllclose(expected.params['weight'], close);
  });
});

describe('batchNorm', () => {
  const before = (channels: number): nn.BatchNormState => ({
    mean: sines([channels], 7),
    variance: sines([channels], 8).add(1),
  });
  const state = before(3);

  test('normalizes by the batch in training, and moves the running statistics as PyTorch', () => {
    for (const [name, shape, layer] of [
      ['batchNorm, training', [2, 3, 2, 2], nn.batchNorm(3, float64)],
      ['batchNorm of vectors, training', [4, 3], nn.batchNorm(3, { ...float64, momentum: 0.3 })],
    ] as const) {
      const made = layer.init(key);
      compare(name, shape, made, (p, x) => layer.train(p, x, { state })[0]);
      const [, after] = layer.train(sinesLike(made), sines(shape, 0), { state });
      expect(after.mean).toBeAllclose(caseOf(name).state?.mean, close);
      expect(after.variance).toBeAllclose(caseOf(name).state?.variance, close);
    }
  });

  test('normalizes by the running statistics in evaluation', () => {
    const layer = nn.batchNorm(3, float64);
    compare('batchNorm, evaluation', [2, 3, 2, 2], layer.init(key), (p, x) =>
      layer.apply(p, x, { state }),
    );
  });
});

describe('losses', () => {
  const z = sines([4, 5], 0).mul(6);
  const t = sines([4, 5], 1).add(0.5);
  const labels = [2, 0, 3, 3];
  const losses: Record<string, (x: Tensor) => Tensor> = {
    crossEntropy: (x) => nn.crossEntropy(x, labels),
    'crossEntropy, none': (x) => nn.crossEntropy(x, labels, { reduction: 'none' }),
    'crossEntropy, smoothed': (x) => nn.crossEntropy(x, labels, { labelSmoothing: 0.1 }),
    binaryCrossEntropyWithLogits: (x) => nn.binaryCrossEntropyWithLogits(x, t),
    mse: (x) => nn.mse(x, t),
    'mse, sum': (x) => nn.mse(x, t, { reduction: 'sum' }),
  };
  test.each(Object.keys(reference.losses))('%s is that of PyTorch', (name) => {
    const loss = losses[name];
    if (!loss) throw new Error(`no loss ${name}`);
    expect(flat(loss(z))).toBeAllclose(reference.losses[name]?.y, close);
    expect(flat(grad((x: Tensor) => loss(x).sum())(z))).toBeAllclose(
      reference.losses[name]?.x,
      close,
    );
  });
});

describe('activations', () => {
  const { elu, gelu, geluTanh, leakyRelu, silu } = nn;
  const functions: Record<string, (x: Tensor) => Tensor> = { elu, gelu, geluTanh, leakyRelu, silu };
  const x = sines([9], 0).mul(6);
  test.each(Object.keys(reference.activations))('%s is that of PyTorch', (name) => {
    const layer = nn.activation(functions[name] ?? ((given) => given));
    const f = (given: Tensor): Tensor => layer.apply({}, given);
    expect(f(x)).toBeAllclose(reference.activations[name]?.y, close);
    expect(grad((given: Tensor) => f(given).sum())(x)).toBeAllclose(
      reference.activations[name]?.x,
      close,
    );
  });
});
