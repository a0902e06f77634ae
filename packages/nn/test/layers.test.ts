import {
  DTypeError,
  grad,
  jit,
  random,
  relu,
  softmax,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import * as nn from '@grad/nn';
import { describe, expect, test } from 'vitest';

expect.extend(gradMatchers);

const key = random.key(5);

describe('dtypes', () => {
  test('parameters are float32 unless asked otherwise', () => {
    const { weight, bias } = nn.dense(2, 3).init(key);
    expect([weight.dtype, bias?.dtype]).toEqual(['float32', 'float32']);
    expect(nn.batchNorm(2).initState().mean.dtype).toBe('float32');
    expect(nn.conv2d(1, 1, 3, { dtype: 'float64' }).init(key).weight.dtype).toBe('float64');
  });

  test('inputs of any dtype become that of the parameters', () => {
    const inputs = [tensor([[1, 2]]), tensor(Int32Array.of(1, 2)), [[1, 2]], Float32Array.of(1, 2)];
    for (const layer of [nn.dense(2, 2), nn.layerNorm(2)]) {
      const params = layer.init(key);
      const untyped: nn.AnyLayer = layer;
      for (const x of inputs) expect(untyped.apply(params, x).dtype).toBe('float32');
    }
    const norm = nn.batchNorm(2);
    const [y, state] = norm.train(
      norm.init(key),
      [
        [1, 2],
        [3, 5],
      ],
      { state: norm.initState() },
    );
    expect([y.dtype, state.mean.dtype]).toEqual(['float32', 'float32']);
  });
});

describe('dense', () => {
  test('has no bias when told so', () => {
    const layer = nn.dense(2, 1, { bias: false });
    expect(Object.keys(layer.init(key))).toEqual(['weight']);
    expect(layer.apply({ weight: tensor([[2], [3]]) }, [1, 1]).toArray()).toEqual([5]);
  });

  test('takes the initializers it is given', () => {
    const { ones, constant } = nn.initializers;
    const made = nn.dense(2, 1, { weightInit: ones, biasInit: constant(4) }).init(key);
    expect(made.weight.toArray()).toEqual([[1], [1]]);
    expect(made.bias?.toArray()).toEqual([4]);
  });

  test('says what does not fit', () => {
    const layer = nn.dense(2, 1);
    expect(() => layer.apply(layer.init(key), [1, 2, 3])).toThrow(/dense: x has shape \[3\]/);
    expect(() => layer.apply(nn.dense(3, 1).init(key), [1, 2])).toThrow(
      /'weight' has shape \[3, 1\]; this layer needs \[2, 1\]/,
    );
    expect(() => nn.dense(0, 1)).toThrow(/dense: the number of inputs must be a whole number/);
    expect(() => nn.dense(1, 1.5)).toThrow(/dense: the number of outputs/);
  });
});

describe('convolutions', () => {
  test('say what does not fit', () => {
    const layer = nn.conv2d(3, 4, 3);
    expect(() => layer.apply(layer.init(key), random.normal(key, [3, 8, 8]))).toThrow(
      /conv2d: x has shape \[3, 8, 8\]; \[batch, channels, height, width\] with 3 channels.*expandDims\(0\)/,
    );
    expect(() => nn.conv2d(3, 4, 3, { groups: 2 })).toThrow(/2 groups do not divide 3 input/);
    expect(() => nn.conv2d(3, 4, [3])).toThrow(/give one number, or 2/);
    expect(() => nn.conv1d(3, 4, 0)).toThrow(/conv1d: the size of the kernel/);
  });
});

describe('pooling', () => {
  test('says what does not fit', () => {
    expect(() => nn.maxPooling(2).apply({}, [[1, 2]])).toThrow(
      /maxPooling: x has shape \[1, 2\]; \[batch, channels, \.\.\.\]/,
    );
    expect(() => nn.flatten().apply({}, 1)).toThrow(/flatten: x is a scalar/);
  });
});

describe('activation', () => {
  test('knows its function, and that softmax is not elementwise', () => {
    expect(nn.activation(relu).f).toBe(relu);
    expect(nn.activation(relu).form).toBe('elementwise');
    expect(nn.activation(softmax).form).toBe('other');
    // @ts-expect-error a name is no function
    expect(() => nn.activation('relu')).toThrow(/takes a function such as relu/);
  });
});

describe('embedding', () => {
  const table = nn.embedding(3, 2);
  const params = table.init(key);

  test('takes rows by whole numbers', () => {
    expect(table.apply(params, 2).toArray()).toEqual(params.weight.at(2).toArray());
    expect(table.apply(params, Int32Array.of(2, 0)).shape).toEqual([2, 2]);
  });

  test('refuses fractions and rows that do not exist', () => {
    expect(() => table.apply(params, tensor([0.5]))).toThrow(DTypeError);
    expect(() => table.apply(params, tensor([1]))).toThrow(
      /entries are whole numbers of dtype int32/,
    );
    expect(() => table.apply(params, [0, 3]).dataSync()).toThrow(RangeError);
    expect(() => nn.embedding(0, 2)).toThrow(/embedding: the number of entries/);
  });
});

describe('dropout', () => {
  const x = new Float32Array(10_000).fill(2);

  test('drops a share of the elements and keeps the mean', () => {
    const [y] = nn.dropout(0.3).train({}, x, { key });
    const values = y.dataSync();
    const kept = values.filter((value) => value !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(2 * Math.fround(1 / 0.7))]));
    // Within 4 standard deviations of a binomial variable.
    const deviation = Math.sqrt(10_000 * 0.3 * 0.7);
    expect(Math.abs(kept.length - 7000)).toBeLessThan(4 * deviation);
  });

  test('is the same for the same key, and another one for another', () => {
    const draw = (of: Tensor): unknown => nn.dropout(0.5).train({}, x, { key: of })[0].toArray();
    expect(draw(key)).toEqual(draw(key));
    expect(draw(key)).not.toEqual(draw(random.key(6)));
  });

  test('does nothing in evaluation and at rate 0', () => {
    expect(nn.dropout(0.9).apply({}, x).dataSync()).toEqual(x);
    expect(nn.dropout(0).train({}, x)[0].dataSync()).toEqual(x);
  });

  test('draws apart for each key of a batch, and passes gradients where it keeps', () => {
    const layer = nn.dropout(0.5);
    const one = (of: Tensor, input: Tensor): Tensor => layer.train({}, input, { key: of })[0];
    const masks = jit(vmap(one, { inAxes: [0, null] }))(random.keys(key, 2), tensor(x));
    expect(masks.at(0).toArray()).not.toEqual(masks.at(1).toArray());
    const slope = grad((input: Tensor) => one(key, input).sum())(x);
    expect(slope.dataSync()).toEqual(one(key, tensor(x)).div(2).dataSync());
  });

  test('needs a key and a rate below 1', () => {
    expect(() => nn.dropout(0.5).train({}, x)).toThrow(/dropout: the key is missing/);
    expect(() => nn.dropout(1)).toThrow(/the rate is 1/);
    expect(() => nn.dropout(Number.NaN)).toThrow(/the rate is NaN/);
  });
});

describe('normalization', () => {
  const norm = nn.batchNorm(2, { dtype: 'float64' });
  const params = norm.init(key);
  const state = norm.initState();

  test('of a batch makes mean 0 and variance 1', () => {
    const [y] = norm.train(params, random.normal(key, [50, 2]).mul(3).add(7), { state });
    expect(y.mean({ axis: 0 })).toBeAllclose([0, 0], { atol: 1e-13 });
    expect(y.square().mean({ axis: 0 })).toBeAllclose([1, 1], { rtol: 1e-5 });
  });

  test('moves running statistics by momentum, with the corrected variance', () => {
    const [, after] = norm.train(
      params,
      [
        [1, 0],
        [3, 0],
      ],
      { state },
    );
    expect(after.mean).toBeAllclose([0.2, 0], { rtol: 1e-14 });
    expect(after.variance).toBeAllclose([0.9 + 0.1 * 2, 0.9], { rtol: 1e-14 });
  });

  test('has no derivative through the running statistics', () => {
    const moved = (x: Tensor): Tensor => norm.train(params, x, { state })[1].mean.sum();
    const x = tensor([
      [1, 2],
      [3, 5],
    ]);
    expect(grad(moved)(x).abs().sum().item()).toBe(0);
  });

  test('says what does not fit', () => {
    expect(() => norm.apply(params, [[1, 2]])).toThrow(/running statistics are missing.*initState/);
    expect(() => norm.train(params, [[1, 2]], { state })).toThrow(/1 value for each channel/);
    expect(() => norm.apply(params, [[1, 2, 3]], { state })).toThrow(/with 2 channels is needed/);
    expect(() => nn.batchNorm(2, { momentum: 2 })).toThrow(/momentum is 2/);
    expect(() => nn.batchNorm(2, { eps: 0 })).toThrow(/eps is 0/);
    expect(() => nn.layerNorm([])).toThrow(/the number of axes/);
    const layer = nn.layerNorm([2, 3]);
    expect(() => layer.apply(layer.init(key), [1, 2, 3])).toThrow(
      /layerNorm: x has shape \[3\]; its last axes must be \[2, 3\]/,
    );
  });
});
