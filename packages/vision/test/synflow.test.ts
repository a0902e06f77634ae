import {
  grad,
  jit,
  ones,
  random,
  relu,
  softplus,
  type Tensor,
  tensor,
  tree,
  vmap,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { activation, conv2d, dense, flatten, mlp, sequential } from '@grad/nn';
import { edgePopup, magnitudePrune, synapticFlow, synflow } from '@grad/vision';
import { describe, expect, test } from 'vitest';

const bare = { bias: false, dtype: 'float64' } as const;
const sum = (w: Tensor): number => w.sum().item();
const kept = (mask: unknown): number[] => tree.leaves(mask).map(sum);

describe('synaptic flow', () => {
  test('is the same in each layer, convolutions and dense ones, and into and out of each unit', () => {
    const model = sequential({
      conv1: conv2d(1, 3, 3, { ...bare, padding: 1 }),
      relu1: activation(relu),
      conv2: conv2d(3, 2, 3, bare),
      relu2: activation(relu),
      flatten: flatten(),
      dense1: dense(32, 5, bare),
      relu3: activation(relu),
      dense2: dense(5, 4, bare),
    });
    const params = model.init(random.key(1));
    const output = (p: typeof params): Tensor => model.apply(p, ones([1, 1, 6, 6]));
    const flow = synapticFlow(output, params);
    const all = sum(output(tree.map((w) => w.abs(), params)));
    for (const scores of tree.leaves(flow)) expect(sum(scores) / all).toBeCloseTo(1, 12);
    const into = flow.dense1.weight.sum({ axis: 0 });
    expect(
      into
        .sub(flow.dense2.weight.sum({ axis: 1 }))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-12 * all);
  });

  test('is known for two weights in a row, in both of two parallel ways', () => {
    const output = ({ a, b }: { a: Tensor; b: Tensor }): Tensor => a.mul(b);
    const flow = synapticFlow(output, { a: tensor([2, -3]), b: tensor([-5, 0.5]) });
    expect(flow.a.toArray()).toEqual([10, 1.5]);
    expect(flow.b.toArray()).toEqual([10, 1.5]);
  });

  test('under jit and vmap, with derivatives in the weights', () => {
    const model = mlp([3, 4, 2], { ...bare, activation: softplus });
    const params = model.init(random.key(2));
    const of = (p: typeof params) => synapticFlow((w) => model.apply(w, ones([1, 3])), p);
    const found = tree.leaves(of(params));
    tree.leaves(jit(of)(params)).forEach((s, i) => {
      expect(
        s
          .sub(found[i] ?? 0)
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-12);
    });
    const two = tree.map((w) => w.expandDims(0).add(tensor([0, 1]).reshape([2, 1, 1])), params);
    tree.leaves(vmap(of)(two)).forEach((s, i) => {
      expect(
        s
          .at(0)
          .sub(found[i] ?? 0)
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-12);
    });
    checkGrads(of, [params]);
  });
});

describe('synflow', () => {
  const model = mlp([20, 60, 60, 5], { bias: false });
  const params = model.init(random.key(1));
  const output = (p: typeof params): Tensor => model.apply(p, ones([1, 20]));

  test('keeps the share that is asked for, of the weights with the most flow', () => {
    const mask = synflow(output, params, { density: 0.1, rounds: 20 });
    expect(kept(mask).reduce((a, b) => a + b)).toBe(Math.round(0.1 * 5100));
    expect(mask['dense1']?.weight.dtype).toBe('float32');
    const once = synflow(output, params, { density: 0.1, rounds: 1 });
    const flow = tree.leaves(synapticFlow(output, params));
    const least = Math.min(
      ...tree.leaves(once).flatMap((m, i) => {
        const scores = flow[i]?.dataSync() ?? [];
        return Array.from(m.dataSync(), (on, k) => (on === 1 ? Number(scores[k]) : Infinity));
      }),
    );
    const most = Math.max(
      ...tree.leaves(once).flatMap((m, i) => {
        const scores = flow[i]?.dataSync() ?? [];
        return Array.from(m.dataSync(), (on, k) => (on === 1 ? -Infinity : Number(scores[k])));
      }),
    );
    expect(least).toBeGreaterThanOrEqual(most);
  });

  test('empties no layer down to a single path, where magnitudes do', () => {
    const wide = mlp([20, 400, 3, 400, 5], { bias: false });
    const given = wide.init(random.key(1));
    // As in wide layers of a fan-in scaled start: their weights are small, and magnitudes cut them first.
    const all = tree.leaves(given).reduce((n, { size }) => n + size, 0);
    const through = (p: typeof given): Tensor => wide.apply(p, ones([1, 20]));
    const least = synflow(through, given, { density: 4 / all });
    expect(kept(least)).toEqual([1, 1, 1, 1]);
    expect(sum(through(tree.map((w, m = w) => w.abs().mul(m), given, least)))).toBeGreaterThan(0);
    const byMagnitude = magnitudePrune(given, { rate: 1 - 40 / all });
    expect(Math.min(...kept(byMagnitude))).toBe(0);
    expect(Math.min(...kept(synflow(through, given, { density: 40 / all })))).toBeGreaterThan(0);
  });

  test('says what is wrong', () => {
    expect(() => synflow(output, params, { density: 0 })).toThrow(/density is 0/);
    expect(() => synflow(output, params, { density: 2 })).toThrow(/density is 2/);
    expect(() => synflow(output, params, { density: 0.5, rounds: 0 })).toThrow(/rounds is 0/);
    expect(() =>
      synflow((p) => model.apply(p, ones([1, 20]).mul(0)), params, { density: 0.5 }),
    ).toThrow(/the synaptic flow is 0 in all/);
  });
});

describe('edge-popup', () => {
  const scores = { a: tensor([0.1, -5, 3, 0.2]), b: tensor([[10, 20, 30, 40]]) };

  test('keeps the highest scores of each tensor, or of all', () => {
    const each = edgePopup(scores, { density: 0.5 });
    expect([each.a.toArray(), each.b.toArray()]).toEqual([[0, 0, 1, 1], [[0, 0, 1, 1]]]);
    const all = edgePopup(scores, { density: 0.625, scope: 'global' });
    expect([all.a.toArray(), all.b.toArray()]).toEqual([[0, 0, 1, 0], [[1, 1, 1, 1]]]);
    expect(edgePopup(scores, { density: 0 }).a.toArray()).toEqual([0, 0, 0, 0]);
    expect(edgePopup(scores, { density: 1 }).a.toArray()).toEqual([1, 1, 1, 1]);
  });

  test('keeps exactly so many of random scores, and all that tie for the last place', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const many = random.normal(random.key(1), [777, 3], { dtype });
      for (const density of [0.001, 0.25, 0.5, 0.9]) {
        const mask = edgePopup(many, { density });
        expect([sum(mask), mask.dtype]).toEqual([Math.round(density * 2331), dtype]);
        const low = many.mul(mask.eq(0).astype(dtype)).sub(mask.mul(99)).max();
        const high = many.add(mask.eq(0).astype(dtype).mul(99)).min();
        expect(high.sub(low).item()).toBeGreaterThan(0);
      }
    }
    expect(edgePopup(tensor([1, 2, 2, 2, 3]), { density: 0.4 }).toArray()).toEqual([0, 1, 1, 1, 1]);
    expect(edgePopup(tensor([3, 3, 3]), { density: 0.4 }).toArray()).toEqual([1, 1, 1]);
    expect(edgePopup(tensor([0, 1e-300, 1e300]), { density: 0.67 }).toArray()).toEqual([0, 1, 1]);
  });

  test('derivatives go through as if the mask were the scores, under jit and vmap too', () => {
    const w = tensor([1, -2, 3, 4]);
    const loss = (s: Tensor): Tensor => edgePopup(s, { density: 0.5 }).mul(w).sum().square();
    expect(grad(loss)(scores.a).toArray()).toEqual([14, -28, 42, 56]);
    expect(jit(grad(loss))(scores.a).toArray()).toEqual([14, -28, 42, 56]);
    const two = tensor([
      [0.1, -5, 3, 0.2],
      [9, 8, 1, 2],
    ]);
    expect(vmap((s: Tensor) => edgePopup(s, { density: 0.5 }))(two).toArray()).toEqual([
      [0, 0, 1, 1],
      [1, 1, 0, 0],
    ]);
    expect(vmap(grad(loss))(two).at(1).toArray()).toEqual([-2, 4, -6, -8]);
    expect(() => edgePopup(two, { density: -1 })).toThrow(/edgePopup: density is -1/);
  });
});
