import { jit, random, relu, ShapeError, type Tensor, tanh, tensor, tree, vjp } from '@grad/core';
import { gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import * as nn from '@grad/nn';
import { describe, expect, test } from 'vitest';

expect.extend(gradMatchers);

const float64 = { dtype: 'float64' } as const;
const key = random.key(1);
const block = nn.sequential({
  conv: nn.conv2d(2, 2, 3, { ...float64, padding: 1 }),
  norm: nn.batchNorm(2, float64),
});
const model = nn.sequential({
  conv1: nn.conv2d(1, 2, 3, float64),
  relu1: nn.activation(relu),
  block: nn.residual(block),
  pool: nn.maxPooling(2),
  flatten: nn.flatten(),
  fc: nn.dense(8, 3, float64),
});
const params = model.init(key);
const state = model.initState();
const x = random.normal(random.key(2), [2, 1, 6, 6]);

describe('sequential', () => {
  test('keeps trees of the layers that have parameters or state, by name', () => {
    expect(Object.keys(params).sort()).toEqual(['block', 'conv1', 'fc']);
    expect(Object.keys(params.block.body).sort()).toEqual(['conv', 'norm']);
    expect(state.block.body.norm.mean.toArray()).toEqual([0, 0]);
    expect(Object.keys(state)).toEqual(['block']);
    expect(params.fc.weight.shape).toEqual([8, 3]);
  });

  test('draws other numbers for each layer, and the same ones for the same key', () => {
    const twins = nn.sequential({ a: nn.dense(2, 2), b: nn.dense(2, 2) });
    const { a, b } = twins.init(key);
    expect(a.weight.toArray()).not.toEqual(b.weight.toArray());
    expect(twins.init(key).a.weight.toArray()).toEqual(a.weight.toArray());
  });

  test('applies its layers in order', () => {
    const small = nn.sequential({
      double: nn.activation((h) => h.mul(2)),
      one: nn.activation((h) => h.add(1)),
    });
    expect(small.apply({}, tensor([3])).toArray()).toEqual([7]);
    expect(small.until('double').apply({}, [3]).toArray()).toEqual([6]);
    expect(small.after('double').apply({}, [3]).toArray()).toEqual([4]);
  });

  test('can be cut at each layer', () => {
    const whole = model.apply(params, x, { state });
    expect(whole.shape).toEqual([2, 3]);
    for (const name of ['conv1', 'relu1', 'block', 'pool', 'flatten'] as const) {
      const [before, after] = [model.until(name), model.after(name)];
      const features = before.apply(params, x, { state });
      expect(Object.keys(before.layers).at(-1)).toBe(name);
      expect(after.apply(params, features, { state }).toArray()).toEqual(whole.toArray());
    }
  });

  test('hands state on in training, inside jit as well', () => {
    const step = jit((p: typeof params, s: typeof state, images: Tensor) =>
      model.train(p, images, { state: s }),
    );
    const [y, next] = step(params, state, x);
    const plain = model.train(params, x, { state });
    expect(y).toBeAllclose(plain[0], { rtol: 1e-12 });
    const { mean, variance } = next.block.body.norm;
    expect(mean).toBeAllclose(plain[1].block.body.norm.mean, { rtol: 1e-12 });
    expect(mean.abs().max().item()).toBeGreaterThan(0);
    const evaluated = model.apply(params, x, { state: next });
    expect(evaluated.toArray()).not.toEqual(model.apply(params, x, { state }).toArray());
    expect(variance.shape).toEqual([2]);
  });

  test('gives each dropout a key of its own', () => {
    const twice = nn.sequential({ a: nn.dropout(0.5), b: nn.dropout(0.5) });
    const [y] = twice.train({}, new Float64Array(4000).fill(1), { key });
    // Were the masks equal, half of the elements would be left.
    const left = y.ne(0).astype('float64').mean().item();
    expect(left).toBeGreaterThan(0.22);
    expect(left).toBeLessThan(0.28);
  });

  test('says which layer an input does not suit', () => {
    const wrong = (): unknown => model.apply(params, x.at(null, null, [0, 5]), { state });
    expect(wrong).toThrow(ShapeError);
    expect(wrong).toThrow(/in layer 'fc': dense: x has shape \[2, 4\]; its last axis must have 8/);
    const nested = nn.sequential({ top: nn.sequential({ fc: nn.dense(2, 2) }) });
    expect(() => nested.apply(nested.init(key), [1, 2, 3])).toThrow(
      /in layer 'top': sequential: in layer 'fc': dense: x has shape \[3\]/,
    );
  });

  test('says which layer has no parameters or no state', () => {
    const { fc: _, ...rest } = params;
    const missing: unknown = rest;
    const untyped: nn.AnyLayer = model;
    expect(() => untyped.apply(missing, x, { state })).toThrow(
      /in layer 'fc': dense: the parameters have no tensor 'weight'/,
    );
    expect(() => model.apply(params, x)).toThrow(/batchNorm: the running statistics are missing/);
  });

  test('refuses names that would change the order, and what is no layer', () => {
    expect(() => nn.sequential({ a: nn.flatten(), 1: nn.flatten() })).toThrow(/'1' cannot be/);
    expect(() => nn.sequential({ 'a.b': nn.flatten() })).toThrow(/'a.b' cannot be/);
    expect(() => nn.sequential({})).toThrow(/at least one/);
    // @ts-expect-error a function is no layer
    expect(() => nn.sequential({ relu })).toThrow(/activation\(relu\)/);
    // @ts-expect-error there is no such layer
    expect(() => model.until('conv7')).toThrow(/no layer 'conv7'; there are conv1, relu1/);
  });
});

describe('parallel', () => {
  test('adds or concatenates its branches', () => {
    const double = nn.activation((h) => h.mul(2));
    const layers = { same: nn.identity(), double };
    const y = tensor([[1, 2]]);
    expect(nn.parallel(layers).apply({}, y).toArray()).toEqual([[3, 6]]);
    const wide = nn.parallel(layers, { combine: 'concatenate' });
    expect(wide.apply({}, y).toArray()).toEqual([[1, 2, 2, 4]]);
    expect(nn.residual(double, double).apply({}, y).toArray()).toEqual([[4, 8]]);
  });

  test('refuses branches that cannot be added', () => {
    const narrower = nn.residual(nn.dense(4, 2));
    expect(() => narrower.apply(narrower.init(key), [1, 2, 3, 4])).toThrow(
      /branches body, shortcut give \[2\] and \[4\], which cannot be added/,
    );
    // @ts-expect-error there is no such way
    expect(() => nn.parallel({ a: nn.flatten() }, { combine: 'multiply' })).toThrow(/combine is/);
  });
});

describe('mlp', () => {
  test('is dense layers with activations between them', () => {
    const net = nn.mlp([2, 3, 1], { ...float64, activation: tanh });
    expect(Object.keys(net.layers)).toEqual(['dense1', 'activation1', 'dense2']);
    const p = net.init(key);
    const { dense1, dense2 } = p;
    if (!dense1?.bias || !dense2?.bias) throw new Error('no such layers');
    const by = tensor([[0.5, -1]])
      .matmul(dense1.weight)
      .add(dense1.bias)
      .tanh();
    const expected = by.matmul(dense2.weight).add(dense2.bias);
    expect(net.apply(p, [[0.5, -1]]).toArray()).toEqual(expected.toArray());
    expect(() => nn.mlp([3])).toThrow(/at least two sizes/);
  });
});

describe('walk', () => {
  const steps = nn.walk(model, params, x, { state });

  test('visits each layer with what it has and gives', () => {
    expect(steps.map(({ name }) => name)).toEqual([
      'conv1',
      'relu1',
      'block',
      'pool',
      'flatten',
      'fc',
    ]);
    expect(steps.at(-1)?.output.toArray()).toEqual(model.apply(params, x, { state }).toArray());
    const ways = steps[2]?.branches.map((branch) => branch.map(({ name }) => name));
    expect(ways).toEqual([['block.body.conv', 'block.body.norm'], ['block.shortcut']]);
    for (const { apply, input, output } of steps) {
      expect(apply(input).toArray()).toEqual(output.toArray());
    }
  });

  test('expands sequentials inside each other', () => {
    const inner = nn.walk(block, params.block.body, steps[1]?.output ?? x, {
      state: state.block.body,
    });
    expect(inner.map(({ name }) => name)).toEqual(['conv', 'norm']);
    const nested = nn.sequential({ first: nn.mlp([2, 2, 1]), second: nn.dense(1, 1) });
    const names = nn.walk(nested, nested.init(key), [1, 2]).map(({ name }) => name);
    expect(names).toEqual(['first.dense1', 'first.activation1', 'first.dense2', 'second']);
  });

  test('lets a gradient be taken back layer by layer', () => {
    const whole = vjp((input: Tensor) => model.apply(params, input, { state }), x)[1];
    const seed = random.normal(key, [2, 3]);
    const back = steps.reduceRight<Tensor>(
      (cotangent, { apply, input }) => vjp(apply, input)[1](cotangent)[0],
      seed,
    );
    expect(back).toBeAllclose(whole(seed)[0], { rtol: 1e-12, atol: 1e-14 });
  });

  test('tells activations by their function', () => {
    const found = steps.filter(({ layer }) => nn.isActivation(layer) && layer.f === relu);
    expect(found.map(({ name }) => name)).toEqual(['relu1']);
    expect(steps.map(({ layer }) => layer.form)).toEqual([
      'affine',
      'elementwise',
      'other',
      'maximum',
      'affine',
      'affine',
    ]);
  });
});

test('summary lists layers, shapes and parameters', () => {
  const made = nn.summary(model, params, [2, 1, 6, 6]);
  expect(made.params).toBe(20 + (38 + 4) + 27);
  expect(made.rows.map(({ params: count }) => count)).toEqual([20, 0, 38, 4, 0, 0, 0, 0, 27]);
  expect(made.rows[0]).toEqual({
    name: 'conv1',
    kind: 'conv2d',
    outputShape: [2, 2, 4, 4],
    params: 20,
  });
  expect(String(made).split('\n').at(-1)).toMatch(/^total +89$/);
  expect(nn.countParams(params)).toBe(tree.ravel(params)[0].size);
  expect(() => nn.summary(model, params, [2, 1, 7, 9])).toThrow(/in layer 'fc'/);
});
