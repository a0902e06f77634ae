import { arange, random, tensor, variance, zeros } from '@grad/core';
import { minibatches, splitRows, standardize } from '@grad/data';
import { expect, test } from 'vitest';

const data = {
  x: arange(20).astype('float64').reshape([10, 2]),
  label: tensor(Int32Array.from({ length: 10 }, (_, i) => i)),
};
const key = random.key(3);
const order = (batches: Iterable<typeof data>): number[] =>
  [...batches].flatMap(({ label }) => Array.from(label.dataSync()));

test('each row comes once in an epoch, with its label, in batches that keep shapes and dtypes', () => {
  const batches = minibatches(data, { size: 4, key });
  expect(batches.perEpoch).toBe(3);
  const all = [...batches(0)];
  expect(all.map(({ x }) => x.shape)).toEqual([
    [4, 2],
    [4, 2],
    [2, 2],
  ]);
  for (const { x, label } of all) {
    expect([x.dtype, label.dtype]).toEqual(['float64', 'int32']);
    expect(x.at(null, 0).toArray()).toEqual(label.mul(2).astype('float64').toArray());
  }
  expect(order(batches(0)).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('the order depends on the key and the epoch alone', () => {
  const batches = minibatches(data, { size: 4, key });
  const [first, second] = [order(batches(0)), order(batches(1))];
  expect(second).not.toEqual(first);
  expect(order(batches(0))).toEqual(first);
  expect(order(minibatches(data, { size: 3, key: random.key(3) })(1))).toEqual(second);
  expect(order(minibatches(data, { size: 4, key: random.key(4) })(0))).not.toEqual(first);
});

test('without a key rows keep their order; the last batch can be left out', () => {
  const batches = minibatches(data, { size: 4, dropLast: true });
  expect(batches.perEpoch).toBe(2);
  expect(order(batches(5))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a bare tensor and masks are divided like trees', () => {
  const [first] = minibatches(tensor([true, false, true]), { size: 2 })(0);
  expect([first?.dtype, first?.toArray()]).toEqual(['bool', [true, false]]);
});

test('data without common rows, and sizes that make no batch, are refused', () => {
  expect(() => minibatches({ a: zeros([3]), b: zeros([4]) }, { size: 1 })).toThrow(
    'minibatches: the tensors need first axes of one length, at least 1; their shapes are [3], [4].',
  );
  expect(() => minibatches({}, { size: 1 })).toThrow('their shapes are none');
  expect(() => minibatches(zeros([0, 2]), { size: 1 })).toThrow('at least 1');
  expect(() => minibatches(data, { size: 0 })).toThrow('size must be a whole number >= 1; it is 0');
  expect(() => minibatches(data, { size: 11, dropLast: true })).toThrow(
    '10 rows make no batch of 11',
  );
});

test('a split is a division of the rows', () => {
  const { train, validation } = splitRows(data, { validation: 0.25, key });
  expect([train.x.shape, validation.x.shape]).toEqual([
    [7, 2],
    [3, 2],
  ]);
  const labels = [...order([train]), ...order([validation])];
  expect(labels).not.toEqual(labels.toSorted((a, b) => a - b));
  expect(labels.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(order([splitRows(data, { validation: 0.01 }).validation])).toEqual([9]);
  expect(() => splitRows(data, { validation: 1 })).toThrow('validation must be between 0 and 1');
  expect(() => splitRows(zeros([1]), { validation: 0.5 })).toThrow(
    'of at least 2 rows; it is 0.5 of 1',
  );
});

test('standardized columns have mean 0 and variance 1, and can be taken back', () => {
  const rows = tensor([
    [1, 5, 2],
    [2, 5, 4],
    [6, 5, 0],
  ]);
  const { mean, scale, apply, invert } = standardize(rows);
  expect(mean.toArray()).toEqual([3, 5, 2]);
  expect(Array.from(scale.dataSync(), (x) => x ** 2)).toEqual(
    [14 / 3, 1, 8 / 3].map((x) => expect.closeTo(x, 14)),
  );
  expect(Array.from(variance(apply(rows), { axis: 0 }).dataSync())).toEqual(
    [1, 0, 1].map((x) => expect.closeTo(x, 14)),
  );
  expect(invert(apply(rows)).sub(rows).abs().max().item()).toBeLessThan(1e-15);
  expect(() => standardize(zeros([0, 2]))).toThrow('standardize: rows [n, ...] are needed');
});
