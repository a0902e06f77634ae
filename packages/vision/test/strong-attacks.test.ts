import { argmax, jit, random, relu, stack, type Tensor, tanh, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { crossEntropy, mlp } from '@grad/nn';
import { apgd, carliniWagner, deepFool, network, pgd } from '@grad/vision';
import { describe, expect, test } from 'vitest';

const model = mlp([6, 8, 3], { activation: tanh, dtype: 'float64' });
const net = network(model, model.init(random.key(1)));
const x = random.uniform(random.key(2), [40, 6]);
const y = argmax(net(x), { axis: 1 });
const losses = (z: Tensor): Tensor => crossEntropy(net(z), y, { reduction: 'none' });
const largest = (z: Tensor): number => z.abs().max().item();
const lengths = (z: Tensor): Tensor => z.square().sum({ axis: 1 }).sqrt();
const pair = tensor([
  [1, -1],
  [2, 0],
  [0, 3],
]);
const linear = (z: Tensor): Tensor => z.matmul(pair);

describe('apgd', () => {
  test('finds the best corner or direction of a linear model', () => {
    const at = tensor([[0.5, 0.4, 0.6]]);
    const way = pair.at(null, 1).sub(pair.at(null, 0));
    const corner = apgd(linear, at, 0, { eps: 0.2, steps: 10 });
    expect(largest(corner.sub(tensor([[0.3, 0.2, 0.8]])))).toBeLessThan(1e-12);
    const free = apgd(linear, at, 0, { eps: 0.2, steps: 10, norm: 'l2', bounds: null });
    expect(largest(free.sub(at).sub(way.div(lengths(way.expandDims(0))).mul(0.2)))).toBeLessThan(
      1e-12,
    );
    const back = apgd(linear, at, 0, { eps: 0.2, steps: 10, targeted: true });
    expect(largest(back.sub(tensor([[0.7, 0.6, 0.4]])))).toBeLessThan(1e-12);
  });

  test('halves its steps, and so comes to a maximum inside, where fixed steps swing about it', () => {
    // Scores whose difference, and so the loss, is highest at 0.3 in each element.
    const hill = (z: Tensor): Tensor => {
      const high = z.sub(0.3).square().sum({ axis: 1 }).mul(-40);
      return high
        .neg()
        .expandDims(1)
        .mul(tensor([1, -1]));
    };
    const at = tensor([
      [0.2, 0.5],
      [0.45, 0.31],
    ]);
    const options = { eps: 0.25, steps: 100 };
    const found = apgd(hill, at, 0, options);
    const fixed = pgd(hill, at, 0, options);
    expect(largest(found.sub(0.3))).toBeLessThan(1e-3);
    expect(largest(fixed.sub(0.3))).toBeGreaterThan(2e-3);
  });

  test('stays in its ball and bounds, and is at least as strong as pgd', () => {
    for (const [norm, eps] of [
      ['linf', 0.1],
      ['l2', 0.3],
    ] as const) {
      for (const key of [undefined, random.key(3)]) {
        const options = { eps, norm, ...(key && { key }) };
        const found = apgd(net, x, y, options);
        const size = norm === 'linf' ? found.sub(x).abs() : lengths(found.sub(x));
        expect(size.max().item()).toBeLessThanOrEqual(eps + 1e-12);
        expect([found.min().item() >= 0, found.max().item() <= 1]).toEqual([true, true]);
        const [own, other] = [found, pgd(net, x, y, { ...options, steps: 100 })].map(losses);
        // Rows may come to different maxima; in the mean it is not behind.
        expect(
          own
            ?.sub(other ?? 0)
            .mean()
            .item(),
        ).toBeGreaterThan(-1e-4);
        expect(own?.mean().item()).toBeGreaterThan(losses(x).mean().item() + 0.03);
      }
    }
    // The place of the highest loss, so never below the start.
    expect(
      losses(apgd(net, x, y, { eps: 0.1, steps: 1 }))
        .sub(losses(x))
        .min()
        .item(),
    ).toBeGreaterThan(0);
    expect(largest(apgd(net, x, y, { eps: 0 }).sub(x))).toBe(0);
  });

  test('the ratio of logits rises with the margin, and with the distance of the third', () => {
    const three = (z: Tensor): Tensor => {
      const [a, b] = [z.at(null, 0), z.at(null, 1)];
      return stack([a.mul(0), b.sub(2), a.neg().sub(3)], { axis: 1 });
    };
    const found = apgd(three, [[0.5, 0.5]], 0, { eps: 0.2, steps: 10, loss: 'dlr' });
    expect(largest(found.sub(0.7))).toBeLessThan(1e-12);
  });

  test('the ratio of logits does not see the scale of the scores', () => {
    const options = { eps: 0.1, loss: 'dlr', steps: 20 } as const;
    const found = apgd(net, x, y, options);
    const scaled = apgd((z) => net(z).mul(1000), x, y, options);
    expect(largest(found.sub(scaled))).toBeLessThan(1e-9);
    const right = (z: Tensor): number =>
      argmax(net(z), { axis: 1 }).eq(y).astype('int32').sum().item();
    expect(right(found)).toBeLessThan(40);
    // Where cross entropy has no slope left, the ratio still has one.
    const steep = (z: Tensor): Tensor => net(z).astype('float64').mul(1e6);
    const lost = (z: Tensor): number => 40 - right(z);
    expect(lost(apgd(steep, x, y, { ...options, eps: 0.2 }))).toBeGreaterThan(
      lost(apgd(steep, x, y, { eps: 0.2, steps: 20 })),
    );
  });

  test('under jit and vmap, with derivatives in x', () => {
    const of = (z: Tensor): Tensor => apgd(net, z, y, { eps: 0.1, steps: 12 });
    expect(largest(jit(of)(x).sub(of(x)))).toBeLessThan(1e-12);
    const each = vmap((z: Tensor, label: Tensor) =>
      apgd(net, z.expandDims(0), label, { eps: 0.1, steps: 12 }).squeeze(0),
    );
    expect(largest(each(x, y).sub(of(x)))).toBeLessThan(1e-12);
    const free = { eps: 0.1, steps: 3, norm: 'l2', bounds: null } as const;
    const [rows, labels] = [x.at([0, 2]), y.at([0, 2])];
    checkGrads((z: Tensor) => apgd(net, z, labels, free), [rows], { rtol: 1e-5 });
  });
});

describe("Carlini and Wagner's attack", () => {
  test('on a linear model of two classes goes exactly to the border', () => {
    const rows = random.normal(random.key(4), [20, 3]);
    const own = argmax(linear(rows), { axis: 1 });
    const scores = linear(rows);
    const exact = scores
      .at(null, 0)
      .sub(scores.at(null, 1))
      .abs()
      .div(Math.hypot(2, 2, 3));
    const options = { bounds: null, initialConst: 1, learningRate: 0.02 };
    const { x: made, distance, fooled } = carliniWagner(linear, rows, own, options);
    expect(fooled.astype('int32').sum().item()).toBe(20);
    expect(distance.sub(exact).min().item()).toBeGreaterThan(-1e-12);
    expect(largest(distance.div(exact).sub(1))).toBeLessThan(1e-3);
    expect(argmax(linear(made), { axis: 1 }).eq(own).astype('int32').sum().item()).toBe(0);
    expect(largest(lengths(made.sub(rows)).sub(distance))).toBeLessThan(1e-12);
    // The border is moved by the confidence that is asked for.
    const sure = carliniWagner(linear, rows, own, { ...options, confidence: 0.5 });
    const further = exact.add(0.5 / Math.hypot(2, 2, 3));
    expect(largest(sure.distance.div(further).sub(1))).toBeLessThan(1e-3);
  });

  test('towards every class it finds the nearest border of many', () => {
    const w = random.normal(random.key(4), [6, 4]);
    const b = random.normal(random.key(5), [4]);
    const many = (z: Tensor): Tensor => z.matmul(w).add(b);
    const own = argmax(many(x), { axis: 1 });
    const exact = deepFool(many, x, { overshoot: 0 }).distance;
    const options = {
      bounds: null,
      steps: 300,
      learningRate: 0.05,
      initialConst: 0.5,
      searchSteps: 20,
    };
    const every = carliniWagner(many, x, own, { ...options, towards: 'every' });
    expect(largest(every.distance.div(exact).sub(1))).toBeLessThan(2e-3);
    // The highest other score need not be that of the nearest border.
    const highest = carliniWagner(many, x, own, options);
    expect(highest.distance.sub(every.distance).max().item()).toBeGreaterThan(0.01);
  });

  test('keeps within the bounds, and finds less than deepFool changes', () => {
    const raw = (z: Tensor): Tensor => net(z.div(255));
    const pixels = x.mul(255);
    const {
      x: made,
      distance,
      fooled,
    } = carliniWagner(raw, pixels, y, {
      bounds: [0, 255],
      steps: 300,
      learningRate: 0.05,
      initialConst: 100,
      searchSteps: 12,
      towards: 'every',
    });
    expect([made.min().item() >= 0, made.max().item() <= 255]).toEqual([true, true]);
    const count = fooled.astype('int32').sum().item();
    expect(count).toBeGreaterThan(30);
    const near = deepFool(raw, pixels).distance;
    // deepFool has no bounds and overshoots by a fiftieth; inside them it is about as near.
    expect(distance.div(near).min().item()).toBeLessThan(1.01);
    expect(argmax(raw(made), { axis: 1 }).ne(y).astype('int32').sum().item()).toBe(count);
  });

  test('reaches the class that is asked for, and says where it found nothing', () => {
    const options = { bounds: null, steps: 100, learningRate: 0.1, initialConst: 1 };
    const far = carliniWagner(net, x, 2, { ...options, targeted: true });
    const reached = argmax(net(far.x), { axis: 1 }).eq(2);
    expect(reached.astype('int32').sum().item()).toBe(far.fooled.astype('int32').sum().item());
    expect(far.fooled.astype('int32').sum().item()).toBeGreaterThan(35);
    const none = carliniWagner(net, x, y, { steps: 2, searchSteps: 1 });
    expect(none.fooled.astype('int32').sum().item()).toBe(0);
    expect(none.distance.min().item()).toBe(Number.POSITIVE_INFINITY);
    expect(largest(none.x.sub(x))).toBe(0);
    // Rows that are wrong already need no change.
    const wrong = carliniWagner(net, x, y.eq(0).astype('int32'), { steps: 1, searchSteps: 1 });
    expect(wrong.distance.min().item()).toBeLessThan(1e-5);
  });

  test('under jit and vmap', () => {
    const options = { steps: 40, searchSteps: 3, initialConst: 1, learningRate: 0.1 };
    const of = (z: Tensor): Tensor => carliniWagner(net, z, y, options).x;
    const found = of(x);
    expect(largest(found.sub(x))).toBeGreaterThan(0.1);
    expect(largest(jit(of)(x).sub(found))).toBeLessThan(1e-9);
    const each = vmap((z: Tensor, label: Tensor) =>
      carliniWagner(net, z.expandDims(0), label, options).x.squeeze(0),
    );
    expect(largest(each(x, y).sub(found))).toBeLessThan(1e-9);
  });
});

test('what is wrong is said', () => {
  expect(() => apgd(net, x, y, { eps: -1 })).toThrow(/apgd: eps is -1/);
  expect(() => apgd(net, x, y, { eps: 1, steps: 0 })).toThrow(/steps is 0/);
  // @ts-expect-error no such norm
  expect(() => apgd(net, x, y, { eps: 1, norm: 'l1' })).toThrow(/norm is l1/);
  // @ts-expect-error no such loss
  expect(() => apgd(net, x, y, { eps: 1, loss: 'hinge' })).toThrow(/loss is hinge/);
  expect(() => apgd(net, x, y, { eps: 1, loss: 'dlr', targeted: true })).toThrow(/has no target/);
  expect(() => apgd(linear, [[1, 2, 3]], 0, { eps: 1, loss: 'dlr' })).toThrow(
    /three classes or more, \[1, classes\]; the model gives \[1, 2\]/,
  );
  expect(() => carliniWagner(net, x, y, { steps: 0 })).toThrow(/steps is 0/);
  expect(() => carliniWagner(net, x, y, { searchSteps: 0 })).toThrow(/searchSteps is 0/);
  expect(() => carliniWagner(net, x, y, { confidence: -1 })).toThrow(/confidence is -1/);
  expect(() => carliniWagner(net, x, y, { initialConst: -1 })).toThrow(/initialConst is -1/);
  expect(() => carliniWagner(net, x, y, { learningRate: Number.NaN })).toThrow(
    /learningRate is NaN/,
  );
  expect(() => carliniWagner(net, x, y, { bounds: [1, 1] })).toThrow(/bounds are \[1, 1\]/);
  // @ts-expect-error no such way
  expect(() => carliniWagner(net, x, y, { towards: 'all' })).toThrow(/towards is all/);
  expect(() => carliniWagner((z) => relu(z).sum({ axis: 1 }), x, y)).toThrow(
    /two classes or more, \[40, classes\]/,
  );
});
