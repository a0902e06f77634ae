import { eye, linalg, oneHot, random, std, type Tensor } from '@grad/core';
import { blobs, drawnDigits, spirals, twoMoons } from '@grad/data';
import { expect, test } from 'vitest';

const key = random.key(0);

test('drawn digits are grey images with labels, the same for the same key', () => {
  const { images, labels } = drawnDigits(key, 40);
  expect([images.dtype, images.shape, labels.dtype, labels.shape]).toEqual([
    'float32',
    [40, 28, 28],
    'int32',
    [40],
  ]);
  const values = images.dataSync();
  expect(drawnDigits(key, 40).images.dataSync()).toEqual(values);
  expect(drawnDigits(random.key(1), 40).images.dataSync()).not.toEqual(values);
  expect(
    values.every((x) => x >= 0 && x <= 1 && Math.abs(x * 255 - Math.round(x * 255)) < 1e-4),
  ).toBe(true);
});

test('image i depends on the key and i alone', () => {
  const [few, many] = [drawnDigits(key, 5), drawnDigits(key, 50)];
  expect(many.images.at([0, 5]).dataSync()).toEqual(few.images.dataSync());
  expect(many.labels.at([0, 5]).dataSync()).toEqual(few.labels.dataSync());
});

test('all digits are drawn, and each leaves ink that does not touch the border', () => {
  const { images, labels } = drawnDigits(key, 500);
  const counts = oneHot(labels, 10).sum({ axis: 0 }).dataSync();
  expect(Math.min(...counts)).toBeGreaterThan(25);
  const ink = images.sum({ axis: [1, 2] }).dataSync();
  expect(Math.min(...ink)).toBeGreaterThan(15);
  expect(Math.max(...ink)).toBeLessThan(320);
  for (const side of [0, 27]) {
    expect(images.at(null, side).max().item()).toBe(0);
    expect(images.at(null, null, side).max().item()).toBe(0);
  }
});

test('a larger size draws the same digits with more pixels', () => {
  const [small, large] = [drawnDigits(key, 20).images, drawnDigits(key, 20, { size: 56 }).images];
  const averaged = large.reshape([20, 28, 2, 28, 2]).mean({ axis: [2, 4] });
  expect(averaged.sub(small).abs().mean().item()).toBeLessThan(0.01);
});

test('noise is added to every pixel and clipped', () => {
  const clean = drawnDigits(key, 50).images;
  const noisy = drawnDigits(key, 50, { noise: 0.2 }).images;
  expect(noisy.min().item()).toBe(0);
  expect(noisy.max().item()).toBe(1);
  // Half of the noise on black is cut off: its mean is sigma / sqrt(2 pi).
  const black = noisy.at(null, 0).mean().item();
  expect(black).toBeCloseTo(0.2 / Math.sqrt(2 * Math.PI), 2);
  expect(clean.at(null, 0).max().item()).toBe(0);
});

test('digits can be chosen, and wrong ones are refused', () => {
  expect(drawnDigits(key, 3, { labels: [7, 0, 7] }).labels.toArray()).toEqual([7, 0, 7]);
  expect(() => drawnDigits(key, 3, { labels: [1] })).toThrow(
    'labels must be 3 digits, 0 to 9; there are 1.',
  );
  expect(() => drawnDigits(key, 1, { labels: [10] })).toThrow('0 to 9; one is 10.');
  expect(() => drawnDigits(key, 0)).toThrow('drawnDigits: n must be a whole number >= 1; it is 0.');
  expect(() => drawnDigits(key, 1, { size: 4 })).toThrow(
    'size must be a whole number >= 8; it is 4.',
  );
});

/** How many of 100 held-out digits a linear classifier, found by ridge regression, tells. */
function linearAccuracy(train: number, held: number): number {
  const digits = drawnDigits(random.key(5), train + held);
  const pixels = digits.images.astype('float64').reshape([train + held, 784]);
  const [x, rest] = [pixels.at([0, train]), pixels.at([train, train + held])];
  const wanted = oneHot(digits.labels.at([0, train]), 10)
    .astype('float64')
    .sub(0.1);
  const ridge = x.transpose().matmul(x).add(eye(784).mul(20));
  const weights = linalg.solve(ridge, x.transpose().matmul(wanted));
  const scores = rest.matmul(weights).toArray();
  const labels = digits.labels.at([train, train + held]).dataSync();
  const right = (Array.isArray(scores) ? scores : []).filter(
    (row, i) => Array.isArray(row) && row.indexOf(Math.max(...row.map(Number))) === labels[i],
  );
  return (100 * right.length) / held;
}

test('a linear classifier learns most of the drawn digits, and far from all', () => {
  const right = linearAccuracy(2000, 500);
  expect(right).toBeGreaterThan(75);
  expect(right).toBeLessThan(95);
});

test('moons lie on their half circles', () => {
  const { points, labels } = twoMoons(key, 200, { noise: 0 });
  const [x, y] = [points.at(null, 0), points.at(null, 1)];
  const center = (t: Tensor, by: number): Tensor => t.sub(labels.mul(by));
  const radius = center(x, 1).square().add(center(y, 0.5).square());
  expect(radius.sub(1).abs().max().item()).toBeLessThan(1e-14);
  const side = center(y, 0.5).mul(labels.mul(-2).add(1));
  expect(side.min().item()).toBeGreaterThanOrEqual(0);
  expect(labels.sum().item()).toBe(100);
  expect(() => twoMoons(key, 0)).toThrow('twoMoons: n must be a whole number >= 1; it is 0.');
});

test('the arms of spirals are turned copies of one', () => {
  const { points, labels } = spirals(key, 300, { arms: 3, turns: 1, noise: 0 });
  points.toArray();
  const [x, y] = [points.at(null, 0).dataSync(), points.at(null, 1).dataSync()];
  labels.dataSync().forEach((label, i) => {
    const radius = Math.hypot(x[i] ?? 0, y[i] ?? 0);
    expect(radius).toBeLessThanOrEqual(1);
    const angle = 2 * Math.PI * (radius + label / 3);
    expect(x[i]).toBeCloseTo(radius * Math.cos(angle), 12);
    expect(y[i]).toBeCloseTo(radius * Math.sin(angle), 12);
  });
  expect(() => spirals(key, 9, { arms: 0 })).toThrow('spirals: arms must be a whole number >= 1');
});

test('blobs have their centers and their spread', () => {
  const centers = [
    [0, 10, 0],
    [5, 0, 0],
  ];
  const { points, labels } = blobs(key, 10_000, { centers, spread: 0.5 });
  expect(points.shape).toEqual([10_000, 3]);
  const second = points.at([1, null, 2]);
  expect(labels.at([1, null, 2]).min().item()).toBe(1);
  const [mean, deviation] = [second.mean({ axis: 0 }), std(second, { axis: 0 })];
  expect(Array.from(mean.dataSync())).toEqual([5, 0, 0].map((x) => expect.closeTo(x, 1)));
  expect(Array.from(deviation.dataSync())).toEqual(
    [0.5, 0.5, 0.5].map((x) => expect.closeTo(x, 1)),
  );
  expect(() => blobs(key, 3, { centers: [] })).toThrow(
    'blobs: centers are points of one dimension',
  );
});
