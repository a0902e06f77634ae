import { random, type Tensor, tanh, tree } from '@grad/core';
import { mlp } from '@grad/nn';
import { bernoulliLikelihood, vae } from '@grad/vae';
import { magnitudePrune } from '@grad/vision';
import type { Composition } from '../composition.ts';

const model = vae({
  encoder: mlp([6, 5, 4], { activation: tanh, dtype: 'float64' }),
  decoder: mlp([2, 5, 6], { activation: tanh, dtype: 'float64' }),
  likelihood: bernoulliLikelihood(),
  latent: 2,
});
const params = model.init(random.key(5));
const [decoder, restore] = tree.ravel(params.decoder);
const x = random.uniform(random.key(6), [8, 6]).gt(0.5).astype('float64');

/** The bound of an autoencoder whose decoder keeps only the larger half of its weights. */
export const ticketOfADecoder: Composition = {
  name: 'ticket-of-a-decoder',
  title: "A winning ticket of an autoencoder's decoder",
  packages: ['vae', 'vision', 'nn'],
  variable: 'weights of the decoder, of which half are pruned',
  f: (weights) => {
    const whole = restore(weights);
    const mask = magnitudePrune(whole, { rate: 0.5 });
    const ticket = tree.map((w: Tensor, m: Tensor) => w.mul(m), whole, mask);
    return model.loss({ ...params, decoder: ticket }, x, { key: random.key(7), draws: 4 });
  },
  x: decoder.add(random.normal(random.key(8), decoder.shape).mul(0.3)),
  step: 1e-4,
};
