import { argmax, clip, grad, jit, random, sign, type Tensor, tanh, tensor } from '@grad/core';
import { crossEntropy, mlp } from '@grad/nn';
import { deepFool, evaluateRobustness, fgsm, network, pgd } from '@grad/vision';
import { expect, test } from 'vitest';

const model = mlp([6, 8, 3], { activation: tanh, dtype: 'float64' });
const net = network(model, model.init(random.key(1)));
const x = random.uniform(random.key(2), [40, 6]);
const y = argmax(net(x), { axis: 1 });
const losses = (m: (z: Tensor) => Tensor, z: Tensor): Tensor =>
  crossEntropy(m(z), y, { reduction: 'none' });
const largest = (z: Tensor): number => z.abs().max().item();
const accuracy = (z: Tensor): number =>
  argmax(net(z), { axis: 1 }).eq(y).astype('float64').mean().item();

test('fgsm is the sign of the slope, within the bounds', () => {
  const found = fgsm(net, x, y, { eps: 0.2 });
  const slope = grad((z: Tensor) => losses(net, z).sum())(x);
  const free = x.add(sign(slope).mul(0.2));
  expect(largest(found.sub(clip(free, 0, 1)))).toBe(0);
  expect(largest(fgsm(net, x, y, { eps: 0.2, bounds: null }).sub(free))).toBe(0);
  expect(largest(free.sub(clip(free, 0, 1)))).toBeGreaterThan(0.1);
  expect(largest(jit((z: Tensor) => fgsm(net, z, y, { eps: 0.2 }))(x).sub(found))).toBe(0);
});

test('preprocessing is part of the model, and the bounds are those of the raw input', () => {
  const mean = tensor([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
  const raw = (z: Tensor): Tensor => net(z.div(255).sub(mean).div(0.25));
  const pixels = x.mul(255);
  const labels = argmax(raw(pixels), { axis: 1 });
  const found = pgd(raw, pixels, labels, { eps: 8, bounds: [0, 255], steps: 10 });
  expect(largest(found.sub(pixels))).toBeLessThanOrEqual(8 + 1e-10);
  expect(found.min().item()).toBeGreaterThanOrEqual(0);
  expect(found.max().item()).toBeLessThanOrEqual(255);
  const rise = crossEntropy(raw(found), labels)
    .sub(crossEntropy(raw(pixels), labels))
    .item();
  expect(rise).toBeGreaterThan(0.05);
});

test('pgd stays in its ball and does at least as much as one step', () => {
  const rows = (z: Tensor): Tensor => z.square().sum({ axis: 1 }).sqrt();
  const one = losses(net, fgsm(net, x, y, { eps: 0.1 }))
    .mean()
    .item();
  const before = losses(net, x).mean().item();
  for (const key of [undefined, random.key(3)]) {
    const start = key ? { key } : {};
    const linf = pgd(net, x, y, { eps: 0.1, ...start });
    expect(largest(linf.sub(x))).toBeLessThanOrEqual(0.1 + 1e-12);
    // Elements may swing about a maximum inside of the ball, which one step does not see.
    expect(losses(net, linf).mean().item() - before).toBeGreaterThan(0.999 * (one - before));
    const l2 = pgd(net, x, y, { eps: 0.3, norm: 'l2', bounds: null, ...start });
    expect(rows(l2.sub(x)).max().item()).toBeLessThanOrEqual(0.3 + 1e-12);
    expect(rows(l2.sub(x)).min().item()).toBeGreaterThan(0.29);
  }
  // Of a linear model the l2 attack of two classes is known.
  const w = tensor([
    [1, -1],
    [2, 0],
    [0, 3],
  ]);
  const linear = (z: Tensor): Tensor => z.matmul(w);
  const at = tensor([[0.5, 0.5, 0.5]]);
  const way = w.at(null, 1).sub(w.at(null, 0));
  const right = at.add(way.div(way.square().sum().sqrt()).mul(0.2));
  expect(
    largest(pgd(linear, at, 0, { eps: 0.2, norm: 'l2', bounds: null }).sub(right)),
  ).toBeLessThan(1e-12);
  expect(largest(pgd(net, x, y, { eps: 0, norm: 'l2' }).sub(x))).toBe(0);
});

test('a targeted attack reaches its class', () => {
  const far = pgd(net, x, 2, { eps: 5, bounds: null, targeted: true });
  const reached = argmax(net(far), { axis: 1 }).eq(2).astype('float64').mean().item();
  expect(y.eq(2).astype('float64').mean().item()).toBeLessThan(0.7);
  expect(reached).toBeGreaterThan(0.95);
});

test('deepFool gives the exact distance of a linear model, and fools others', () => {
  const w = random.normal(random.key(4), [6, 4]);
  const b = random.normal(random.key(5), [4]);
  const linear = (z: Tensor): Tensor => z.matmul(w).add(b);
  const { distance, fooled } = deepFool(linear, x, { overshoot: 1e-6 });
  const scores = linear(x).toArray();
  const columns = w.transpose().toArray();
  const expected = Array.from({ length: 40 }, (_, row) => {
    const s: number[] = Object(scores)[row];
    const own = s.indexOf(Math.max(...s));
    return Math.min(
      ...s.flatMap((score, c) => {
        if (c === own) return [];
        const way = Object(columns)[c].map((v: number, i: number) => v - Object(columns)[own][i]);
        return [((s[own] ?? 0) - score) / Math.hypot(...way)];
      }),
    );
  });
  expect(largest(distance.sub(tensor(expected)).div(tensor(expected)))).toBeLessThan(1e-5);
  expect(fooled.astype('int32').sum().item()).toBe(40);
  const curved = deepFool(net, x);
  expect(curved.fooled.astype('int32').sum().item()).toBe(40);
  expect(accuracy(curved.x)).toBe(0);
});

test('robustness is that of the worst attack for each row', () => {
  const found = evaluateRobustness(net, x, y, {
    none: (z) => z,
    fgsm: (z, labels) => fgsm(net, z, labels, { eps: 0.1 }),
    pgd: (z, labels) => pgd(net, z, labels, { eps: 0.1, key: random.key(1) }),
  });
  expect(found.clean).toBe(1);
  expect(found.attacked.none).toBe(1);
  expect(found.attacked.fgsm).toBe(accuracy(fgsm(net, x, y, { eps: 0.1 })));
  expect(found.worst).toBeLessThanOrEqual(Math.min(found.attacked.fgsm, found.attacked.pgd));
  expect(found.worst).toBeLessThan(1);
});

test('what is wrong is said', () => {
  expect(() => fgsm(net, x, y, { eps: -1 })).toThrow(/fgsm: eps is -1/);
  expect(() => fgsm(net, x, y, { eps: 1, bounds: [1, 0] })).toThrow(/bounds are \[1, 0\]/);
  expect(() => fgsm(net, x, [1, 2], { eps: 1 })).toThrow(/y has shape \[2\]/);
  expect(() => pgd(net, x, y, { eps: 1, steps: 0 })).toThrow(/steps is 0/);
  expect(() => pgd(net, x, y, { eps: 1, stepSize: -1 })).toThrow(/stepSize is -1/);
  // @ts-expect-error no such norm
  expect(() => pgd(net, x, y, { eps: 1, norm: 'l1' })).toThrow(/norm is l1/);
  expect(() => deepFool((z) => z.sum({ axis: 1 }), x)).toThrow(/scores of two classes/);
  expect(() => deepFool(net, x, { overshoot: -1 })).toThrow(/overshoot is -1/);
});
