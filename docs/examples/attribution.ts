import { random, type Tensor } from '@grad/core';
import { drawnDigits, minibatches } from '@grad/data';
import { accuracy, crossEntropy, mlp } from '@grad/nn';
import { adam, fit } from '@grad/optim';
import {
  evaluateRobustness,
  fgsm,
  insertionDeletion,
  integratedGradients,
  magnitudePrune,
  network,
  pgd,
} from '@grad/vision';

// A network that reads digits of 14 by 14 pixels.
const digits = (seed: number, n: number) => {
  const { images, labels } = drawnDigits(random.key(seed), n, { size: 14 });
  return { images: images.reshape([n, 196]), labels };
};
const [train, held] = [digits(0, 1000), digits(1, 200)];
const model = mlp([196, 64, 10]);
const start = model.init(random.key(2));
const { params } = await fit(
  (p: typeof start, { images, labels }: typeof train): Tensor =>
    crossEntropy(model.apply(p, images), labels),
  start,
  {
    optimizer: adam({ learningRate: 3e-3 }),
    batches: minibatches(train, { size: 50, key: random.key(3) }),
    epochs: 15,
  },
);
const classify = network(model, params);
console.log(accuracy(classify(held.images), held.labels).item() > 0.8); // → true

// Why the class that it chose? The parts of the score add up to what an empty picture lacks of it.
const images = held.images.at([0, 20]);
const { attribution, delta } = integratedGradients(classify, images, { steps: 200 });
console.log(attribution.shape, delta.abs().max().item() < 0.05); // → [ 20, 196 ] true

// The pixels that matter bring the class back sooner than others do.
const other = random.uniform(random.key(4), [20, 196], { dtype: 'float32' });
const [found, drawn] = [attribution, other].map((map) =>
  insertionDeletion(classify, images, map).insertion.area.mean().item(),
);
console.log(Number(found) > Number(drawn) + 0.2); // → true

// What leads it astray: a tenth of the range of a pixel.
const { clean, attacked, worst } = evaluateRobustness(classify, held.images, held.labels, {
  fgsm: (x, y) => fgsm(classify, x, y, { eps: 0.1 }),
  pgd: (x, y) => pgd(classify, x, y, { eps: 0.1 }),
});
console.log(attacked.fgsm < clean / 2, attacked.pgd <= attacked.fgsm + 0.01, worst < 0.5); // → true true true

// Which weights does it need? Without the smallest half it reads as well.
const masks = magnitudePrune(
  Object.values(params).map(({ weight }) => weight),
  { rate: 0.5 },
);
const smaller = Object.fromEntries(
  Object.entries(params).map(([name, layer], i) => [
    name,
    { ...layer, weight: layer.weight.mul(masks[i] ?? 1) },
  ]),
);
const kept = accuracy(model.apply(smaller, held.images), held.labels).item();
console.log(kept > clean - 0.02); // → true
