import { grad, jit, random, type Tensor, tree } from '../../../packages/core/src/index.ts';
import { mlp, type WeightParams } from '../../../packages/nn/src/index.ts';
import { bernoulliLikelihood, vae } from '../../../packages/vae/src/index.ts';
import { elements, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const rate = numberOf(options, 'learningRate');
  const latent = numberOf(options, 'latent');
  const layer = (i: number): WeightParams => ({
    weight: given(inputs, `w${i}`),
    bias: given(inputs, `b${i}`),
  });
  const [pixels = 0, hidden = 0] = layer(0).weight.shape;
  const model = vae({
    encoder: mlp([pixels, hidden, 2 * latent]),
    decoder: mlp([latent, hidden, pixels]),
    likelihood: bernoulliLikelihood(),
    latent,
  });
  let params = {
    encoder: { dense1: layer(0), dense2: layer(1) },
    decoder: { dense1: layer(2), dense2: layer(3) },
    likelihood: {},
  };
  const loss = (p: typeof params, x: Tensor, key: Tensor): Tensor => model.loss(p, x, { key });
  const step = jit((p: typeof params, x: Tensor, key: Tensor) =>
    tree.map((value, slope) => value.sub(slope.mul(rate)), p, grad(loss)(p, x, key)),
  );
  const [x, key] = [given(inputs, 'x'), random.key(numberOf(options, 'seed'))];
  return {
    run: () => {
      params = step(params, x, key);
    },
    output: () => elements([params.encoder, params.decoder]),
  };
};
