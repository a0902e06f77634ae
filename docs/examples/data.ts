import { grad, logSoftmax, oneHot, random, type Tensor, zeros } from '@grad/core';
import { drawnDigits, minibatches, readTable, splitRows } from '@grad/data';

// Digits from a seed. Rows of all tensors of the tree stay together.
const digits = drawnDigits(random.key(0), 600);
const { train, validation } = splitRows(digits, { validation: 1 / 6, key: random.key(1) });
const batches = minibatches(train, { size: 50, key: random.key(2) });
console.log(train.images.shape, validation.labels.shape); // → [ 500, 28, 28 ] [ 100 ]

// The order of an epoch is a function of its number.
const firstLabels = (epoch: number): string => {
  const [first] = batches(epoch);
  return `${first?.labels.at([0, 6])}`;
};
console.log(firstLabels(0)); // → i32[6] [5, 2, 3, 2, 1, 4]
console.log(firstLabels(1)); // → i32[6] [2, 7, 0, 1, 6, 3]
console.log(firstLabels(0)); // → i32[6] [5, 2, 3, 2, 1, 4]

// A linear classifier, by plain gradient descent over four epochs.
const scores = (weights: Tensor, images: Tensor): Tensor =>
  images.reshape([images.shape[0] ?? 0, 784]).matmul(weights);
const loss = (weights: Tensor, images: Tensor, labels: Tensor): Tensor =>
  logSoftmax(scores(weights, images)).mul(oneHot(labels, 10).astype('float32')).sum().div(-50);

let weights: Tensor = zeros([784, 10], { dtype: 'float32' });
for (let epoch = 0; epoch < 4; epoch++) {
  for (const { images, labels } of batches(epoch)) {
    weights = weights.sub(grad(loss)(weights, images, labels).mul(0.1));
  }
}
const started = loss(zeros([784, 10], { dtype: 'float32' }), validation.images, validation.labels);
const now = loss(weights, validation.images, validation.labels);
console.log(now.item() < started.item() / 2); // → true

// A table, and what happens when one of its cells is wrong.
const { mass } = await readTable('body\tmass\nEarth\t5.97\nMars\t0.642\n', {
  columns: { mass: 'float64' },
});
console.log(`${mass}`); // → f64[2] [5.97, 0.642]
await readTable('body\tmass\nEarth\theavy\n', {
  columns: { mass: 'float64' },
  name: 'bodies.tsv',
}).catch(
  (error: Error) => console.log(error.message), // → bodies.tsv, line 2, column 'mass': expected a number, found 'heavy'.
);
