import { argmax, jit, random, relu, softmax, type Tensor, tanh, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { dense, mlp } from '@grad/nn';
import {
  gradTimesInput,
  infidelity,
  insertionDeletion,
  integratedGradients,
  network,
  saliency,
  sensitivityMax,
} from '@grad/vision';
import { describe, expect, test } from 'vitest';

const close = (a: Tensor, b: Tensor, size = 1e-12): void =>
  expect(a.sub(b).abs().max().item()).toBeLessThan(size);

const model = mlp([6, 10, 3], { activation: tanh, dtype: 'float64' });
const net = network(model, model.init(random.key(1)));
const x = random.uniform(random.key(2), [5, 6]);
const w = tensor([3, -1, 0.5, 2]);
/** A linear model with one score. */
const linear = (z: Tensor): Tensor => z.matmul(w).add(0.7);
const ones = tensor([[1, 1, 1, 1]]);

describe('insertion and deletion', () => {
  test('of a linear model they are cumulative sums of its contributions', () => {
    const { insertion, deletion } = insertionDeletion(linear, ones, ones.mul(w), { steps: 4 });
    close(insertion.values, tensor([[0.7, 3.7, 5.7, 6.2, 5.2]]));
    close(deletion.values, tensor([[5.2, 2.2, 0.2, -0.3, 0.7]]));
    // Trapezoids: the middle ones whole, the ends half.
    close(insertion.area, tensor([(3.7 + 5.7 + 6.2 + (0.7 + 5.2) / 2) / 4]));
    close(deletion.area, tensor([(2.2 + 0.2 - 0.3 + (5.2 + 0.7) / 2) / 4]));
    const coarse = insertionDeletion(linear, ones, ones.mul(w), { steps: 2, baseline: -1 });
    close(coarse.insertion.values, tensor([[-3.8, 6.2, 5.2]]));
  });

  test('no order of the elements is better than that of the contributions', () => {
    const own = insertionDeletion(linear, ones, ones.mul(w), { steps: 4 });
    for (let seed = 0; seed < 20; seed++) {
      const other = insertionDeletion(linear, ones, random.normal(random.key(seed), [1, 4]), {
        steps: 4,
      });
      expect(other.insertion.area.item()).toBeLessThanOrEqual(own.insertion.area.item() + 1e-12);
      expect(other.deletion.area.item()).toBeGreaterThanOrEqual(own.deletion.area.item() - 1e-12);
    }
  });

  test('what is followed is the probability of the target, or its score', () => {
    const map = gradTimesInput(net, x, { target: 2 });
    const options = { target: 2, steps: 6 } as const;
    const probable = insertionDeletion(net, x, map, options).deletion.values;
    close(probable.at(null, 0), softmax(net(x), { axis: 1 }).at(null, 2));
    close(probable.at(null, 6), softmax(net(x.mul(0)), { axis: 1 }).at(null, 2));
    const scores = insertionDeletion(net, x, map, { ...options, measure: 'score' });
    close(scores.insertion.values.at(null, 6), net(x).at(null, 2));
  });

  test('a map without channels takes all channels of a pixel together, each row in its own order', () => {
    const images = tensor([
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [10, 20],
          [30, 40],
        ],
      ],
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [10, 20],
          [30, 40],
        ],
      ],
    ]);
    const sum = (z: Tensor): Tensor => z.sum({ axis: [1, 2, 3] });
    const map = tensor([
      [
        [9, 1],
        [2, 3],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    const { insertion } = insertionDeletion(sum, images, map, { steps: 4 });
    close(
      insertion.values,
      tensor([
        [0, 11, 55, 88, 110],
        [0, 44, 77, 99, 110],
      ]),
    );
  });

  test('under jit and vmap, with derivatives in x where the order does not change', () => {
    const map = gradTimesInput(net, x, { target: 1 });
    const area = (z: Tensor): Tensor =>
      insertionDeletion(net, z, map, { target: 1, steps: 4 }).insertion.area;
    close(jit(area)(x), area(x));
    const each = vmap((z: Tensor, m: Tensor) =>
      insertionDeletion(net, z.expandDims(0), m.expandDims(0), {
        target: 1,
        steps: 4,
      }).insertion.area.squeeze(0),
    );
    close(each(x, map), area(x));
    checkGrads(area, [x]);
  });
});

describe('infidelity', () => {
  const one = dense(4, 1, { dtype: 'float64' });
  const oneNet = network(one, one.init(random.key(3)));
  const rows = random.normal(random.key(4), [3, 4]);

  test('of the gradient of a linear model is 0', () => {
    for (const f of [linear, (z: Tensor) => oneNet(z)]) {
      const target = f === linear ? {} : { target: 0 };
      const found = infidelity(f, rows, saliency(f, rows, target), target);
      expect(found.max().item()).toBeLessThan(1e-28);
      // Of a gradient that is off by 1 in one element it is the variance of that element of I.
      const off = infidelity(f, rows, saliency(f, rows, target).add(tensor([1, 0, 0, 0])), {
        ...target,
        samples: 4000,
        noise: 0.5,
      });
      close(off, tensor([0.25, 0.25, 0.25]), 0.02);
    }
  });

  test('of the gradient of a parabola is 3 σ⁴', () => {
    const parabola = (z: Tensor): Tensor => z.square().sum({ axis: 1 });
    const at = tensor([[0.3], [-2]]);
    const options = { samples: 20_000, noise: 0.5 };
    const found = infidelity(parabola, at, saliency(parabola, at), options);
    close(found, tensor([3 / 16, 3 / 16]), 0.01);
  });

  test('with x itself for perturbation it is the square of what completeness lacks', () => {
    const perturb = (_key: Tensor, z: Tensor): Tensor => z;
    const options = { target: 1, perturb, samples: 2 };
    const { attribution, delta } = integratedGradients(net, x, { target: 1, steps: 1 });
    // The attribution is per unit of x, as I is what it is multiplied by.
    close(infidelity(net, x, attribution.div(x), options), delta.square());
    expect(delta.abs().min().item()).toBeGreaterThan(1e-7);
    const fine = integratedGradients(net, x, { target: 1, steps: 40 }).attribution.div(x);
    expect(infidelity(net, x, fine, options).max().item()).toBeLessThan(1e-20);
  });

  test('rescaled it does not change with the size of the attribution', () => {
    const map = saliency(net, x, { target: 0 });
    const of = (m: Tensor): Tensor => infidelity(net, x, m, { target: 0, rescale: true });
    close(of(map.mul(7)), of(map));
    const plain = infidelity(net, x, map, { target: 0 });
    expect(of(map).sub(plain).max().item()).toBeLessThanOrEqual(1e-15);
    close(of(map.mul(0)), infidelity(net, x, map.mul(0), { target: 0 }));
  });

  test('under jit and vmap, with derivatives in x and in the attribution', () => {
    const map = saliency(net, x, { target: 0 });
    const of = (z: Tensor, m: Tensor): Tensor => infidelity(net, z, m, { target: 0, samples: 5 });
    close(jit(of)(x, map), of(x, map));
    const perturb = (key: Tensor, z: Tensor): Tensor => random.normal(key, [1, 6]).add(z.mul(0));
    const options = { target: 0, samples: 5, perturb };
    const each = vmap((z: Tensor, m: Tensor) =>
      infidelity(net, z.expandDims(0), m.expandDims(0), options).squeeze(0),
    );
    const loop = infidelity(net, x.at([1, 2]), map.at([1, 2]), options);
    close(each(x, map).at([1, 2]), loop);
    checkGrads(of, [x, map]);
    checkGrads(
      (m: Tensor) => infidelity(net, x, m, { target: 0, samples: 5, rescale: true }),
      [map],
    );
  });
});

describe('the largest sensitivity', () => {
  test('of a gradient is 0 for a linear model, and for a parabola comes near 2 r', () => {
    const rows = random.normal(random.key(4), [3, 4]);
    expect(
      sensitivityMax((z) => saliency(linear, z), rows)
        .max()
        .item(),
    ).toBe(0);
    const parabola = (z: Tensor): Tensor => z.square().sum({ axis: 1 });
    const at = tensor([[0.3], [-2]]);
    const of = (samples: number): Tensor =>
      sensitivityMax((z) => saliency(parabola, z), at, { samples, radius: 0.1 });
    expect(of(1000).max().item()).toBeLessThanOrEqual(0.2 + 1e-12);
    expect(of(1000).min().item()).toBeGreaterThan(0.199);
    expect(of(1).sub(of(10)).max().item()).toBeLessThanOrEqual(0);
    const relative = sensitivityMax((z) => saliency(parabola, z), at, {
      samples: 1000,
      radius: 0.1,
      relative: true,
    });
    close(relative, of(1000).div(tensor([0.6, 4])));
  });

  test('of a smooth network is at most what its second derivative allows', () => {
    const target = argmax(net(x), { axis: 1 });
    const of = (radius: number): Tensor =>
      sensitivityMax((z) => saliency(net, z, { target }), x, { radius, samples: 50 });
    // It grows with the radius, in proportion where that is small.
    close(of(2e-5).div(of(1e-5)), tensor([2, 2, 2, 2, 2]), 1e-3);
    expect(of(1e-5).min().item()).toBeGreaterThan(1e-8);
  });

  test('under jit and vmap, with derivatives in x', () => {
    const of = (z: Tensor): Tensor =>
      sensitivityMax((v) => saliency(net, v, { target: 1 }), z, { samples: 4, radius: 0.3 });
    close(jit(of)(x), of(x));
    const each = vmap((z: Tensor) => of(z.expandDims(0)).squeeze(0));
    close(each(x).at([0, 1]), of(x.at([0, 1])));
    checkGrads(of, [x]);
  });
});

test('what is wrong is said', () => {
  const map = saliency(linear, ones);
  expect(() => insertionDeletion(linear, ones, map, { steps: 0 })).toThrow(/steps is 0/);
  expect(() => insertionDeletion(linear, ones, [[1, 2]])).toThrow(
    /attribution has shape \[1, 2\]; that of x is \[1, 4\], so it must be that\./,
  );
  const image = tensor([[[[1, 2]]]]);
  expect(() => insertionDeletion((z) => z.sum({ axis: [1, 2, 3] }), image, ones)).toThrow(
    /must be that or \[1, 1, 2\]/,
  );
  // @ts-expect-error no such measure
  expect(() => insertionDeletion(linear, ones, map, { measure: 'logit' })).toThrow(
    /measure is logit/,
  );
  expect(() => infidelity(linear, ones, [[1, 2]])).toThrow(/attribution has shape \[1, 2\]/);
  expect(() => infidelity(linear, ones, map, { samples: 0 })).toThrow(/samples is 0/);
  expect(() => infidelity(linear, ones, map, { noise: -1 })).toThrow(/noise is -1/);
  expect(() => infidelity(linear, ones, map, { perturb: () => tensor([1]) })).toThrow(
    /a perturbation has shape \[1\]/,
  );
  expect(() => sensitivityMax(relu, ones, { radius: -1 })).toThrow(/radius is -1/);
  expect(() => sensitivityMax(relu, ones, { samples: 1.5 })).toThrow(/samples is 1.5/);
  expect(() => sensitivityMax((z) => z.sum({ axis: 0 }), ones)).toThrow(
    /attribution has shape \[4\]; it must have a row for each of the 1/,
  );
});
