import { grad, hvp, jit, random, relu, stack, type Tensor, tanh, tree, vmap } from '@grad/core';
import { checkGrads, gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import * as nn from '@grad/nn';
import { describe, expect, test } from 'vitest';

expect.extend(gradMatchers);

const float64 = { dtype: 'float64' } as const;
const key = random.key(3);

/** Smooth everywhere, so that differences are right to second order. */
const network = nn.sequential({
  conv: nn.conv2d(1, 2, 3, { ...float64, padding: 'same' }),
  norm: nn.batchNorm(2, float64),
  act1: nn.activation(tanh),
  block: nn.residual(nn.conv2d(2, 2, 3, { ...float64, padding: 1 })),
  pool: nn.avgPooling(2),
  up: nn.convTranspose2d(2, 2, 2, float64),
  act2: nn.activation(nn.gelu),
  flatten: nn.flatten(),
  drop: nn.dropout(0.25),
  hidden: nn.dense(18, 4, float64),
  layerNorm: nn.layerNorm(4, float64),
  act3: nn.activation(nn.silu),
  out: nn.dense(4, 3, float64),
});
const params = network.init(key);
const state = network.initState();
const x = random.normal(random.key(4), [5, 1, 4, 4]);
const labels = [0, 2, 1, 1, 0];

type Params = typeof params;

const evaluated = (p: Params, input: Tensor): Tensor =>
  nn.crossEntropy(network.apply(p, input, { state }), labels);
const trained = (p: Params, input: Tensor): Tensor =>
  nn.crossEntropy(network.train(p, input, { state, key })[0], labels);

describe('derivatives of a network of all smooth layers', () => {
  test('agree with differences in parameters and input, in evaluation and in training', () => {
    checkGrads(evaluated, [params, x], { order: 1 });
    checkGrads(trained, [params, x], { order: 1 });
  });

  test('are the same compiled', () => {
    const plain = tree.leaves(grad(trained)(params, x));
    const compiled = tree.leaves(jit(grad(trained))(params, x));
    expect(compiled.length).toBe(plain.length);
    compiled.forEach((slope, k) => {
      expect(slope).toBeAllclose(plain[k] ?? 0, { rtol: 1e-11, atol: 1e-14 });
    });
    const sizes = plain.map((slope) => slope.abs().max().item());
    // The mean that batchNorm takes off takes the bias before it off as well: one slope is 0.
    expect(sizes.filter((size) => size > 1e-6).length).toBe(plain.length - 1);
  });

  test('come for each example at once', () => {
    const one = (p: Params, image: Tensor, label: Tensor): Tensor =>
      nn.crossEntropy(network.apply(p, image.expandDims(0), { state }), label.expandDims(0));
    const ids = random.randint(key, 0, 3, [5]);
    const all = jit(vmap(grad(one), { inAxes: [null, 0, 0] }))(params, x, ids);
    expect(all.hidden.weight.shape).toEqual([5, 18, 4]);
    const each = Array.from({ length: 5 }, (_, i) => grad(one)(params, x.at(i), ids.at(i)));
    tree.leaves(all).forEach((leaf, k) => {
      const looped = stack(each.map((slopes) => tree.leaves(slopes)[k] ?? 0));
      expect(leaf).toBeAllclose(looped, { rtol: 1e-10, atol: 1e-13 });
    });
  });

  test('of second order are products with the Hessian', () => {
    const direction = tree.map((leaf) => random.normal(key, leaf.shape), params);
    const product = jit((p: Params, v: Params) => hvp((q: Params) => trained(q, x), p, v))(
      params,
      direction,
    );
    const h = 1e-6;
    const at = (step: number): Params =>
      grad((p: Params) => trained(p, x))(
        tree.map((p, v) => p.add((v ?? p).mul(step)), params, direction),
      );
    const [up, down] = [tree.ravel(at(h))[0], tree.ravel(at(-h))[0]];
    const vector = tree.ravel(product)[0];
    expect(vector.abs().max().item()).toBeGreaterThan(0.01);
    expect(vector).toBeAllclose(up.sub(down).div(2 * h), { rtol: 1e-6, atol: 1e-8 });
  });
});

describe('layers that are not smooth', () => {
  test('have the derivatives of their pieces', () => {
    const lenet = nn.sequential({
      conv: nn.conv2d(1, 3, 3, float64),
      relu: nn.activation(relu),
      pool: nn.maxPooling(2),
      flatten: nn.flatten(),
      fc: nn.dense(12, 4, float64),
      leaky: nn.activation(nn.leakyRelu),
      elu: nn.activation(nn.elu),
    });
    const weights = lenet.init(key);
    const images = random.normal(key, [2, 1, 6, 6]);
    const loss = (p: typeof weights, input: Tensor): Tensor => lenet.apply(p, input).square().sum();
    checkGrads(loss, [weights, images], { order: 1, eps: 2 ** -16 });
  });

  test('embedding differentiates in its table', () => {
    const layer = nn.embedding(4, 3, float64);
    const ids = [0, 3, 3];
    checkGrads((p: nn.EmbeddingParams) => layer.apply(p, ids).square().sum(), [layer.init(key)]);
  });
});

test('losses have right derivatives to second order', () => {
  const z = random.normal(key, [4, 3]);
  const t = random.uniform(key, [4, 3]);
  checkGrads((u: Tensor) => nn.crossEntropy(u, [0, 1, 2, 2], { labelSmoothing: 0.2 }), [z]);
  checkGrads((u: Tensor, v: Tensor) => nn.binaryCrossEntropyWithLogits(u, v), [z, t]);
  checkGrads((u: Tensor, v: Tensor) => nn.mse(u, v), [z, t]);
});
