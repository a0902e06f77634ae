import { random, type Tensor, type Traced, tanh } from '@grad/core';
import { minibatches } from '@grad/data';
import { mlp } from '@grad/nn';
import { adam, fit } from '@grad/optim';
import type { Row } from '@grad/tour';
import { bernoulliLikelihood, vae } from '@grad/vae';
import type { LineContext } from '../line.ts';
import { readMnist } from '../mnist.ts';
import { atMostRow, plainRow } from '../rows.ts';

const minutes = 10;

/**
 * The model of Burda, Grosse and Salakhutdinov with one stochastic layer: 784-200-200-50 and back, tanh. They
 * train for some 3000 epochs; this trains for ten minutes.
 */
export async function mnistRows({ data, show }: LineContext): Promise<Row[]> {
  const { train, held } = await readMnist(data);
  const rows = (images: Tensor): Tensor => images.reshape([-1, 784]);
  const model = vae({
    encoder: mlp([784, 200, 200, 100], { activation: tanh }),
    decoder: mlp([50, 200, 200, 784], { activation: tanh }),
    likelihood: bernoulliLikelihood(),
    latent: 50,
  });
  const start = model.init(random.key(0));
  const stop = new AbortController();
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  const size = 100;
  let steps = 0;
  const { params } = await fit(
    (p: typeof start, batch: Tensor, { key }) => {
      const [draw, noise] = random.split(key);
      const drawn = random.uniform(draw, batch.shape, { dtype: 'float32' }).lt(batch);
      return model.loss(p, drawn.astype('float32'), { key: noise });
    },
    start,
    {
      optimizer: adam({ learningRate: 1e-3 }),
      batches: minibatches(rows(train.images), { size, key: random.key(1) }),
      epochs: 100_000,
      signal: stop.signal,
      onProgress: ({ step }) => {
        steps = step;
        show('training', Math.min(1, elapsed() / (60 * minutes)));
        if (elapsed() > 60 * minutes) stop.abort();
      },
    },
  );
  const speed = (steps * size) / elapsed();
  const pictures = rows(held.images);
  const nll = (p: Traced<typeof start>): number => {
    let sum = 0;
    const chunk = 50;
    for (let i = 0; i < 1000; i += chunk) {
      const pixels = pictures.at([i, i + chunk]);
      const drawn = random
        .uniform(random.foldIn(random.key(2), i), pixels.shape, { dtype: 'float32' })
        .lt(pixels)
        .astype('float32');
      sum -= model
        .iwae(p, drawn, { key: random.foldIn(random.key(3), i), draws: 1000 })
        .sum()
        .item();
    }
    return sum / 1000;
  };
  return [
    // Ten minutes are some hundred epochs on one core: within a few nats of the published end.
    atMostRow('NLL of 1000 test images by 1000 draws (published end: 86.76)', nll(params), 95),
    plainRow('epochs', (steps * size) / 60_000),
    plainRow('images per second', speed),
  ];
}
