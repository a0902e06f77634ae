import {
  exp,
  random,
  ShapeError,
  slice,
  type Tensor,
  type TensorLike,
  tensor,
  zeros,
} from '@grad/core';
import type { Layer } from '@grad/nn';
import { type Independent, independent } from './distributions/independent.ts';
import { normal } from './distributions/normal.ts';
import type { Likelihood } from './likelihoods.ts';
import type { LatentModel } from './objectives/bound.ts';
import { type Elbo, type ElboOptions, elbo } from './objectives/elbo.ts';
import { type IwaeOptions, iwae } from './objectives/iwae.ts';

/** What a variational autoencoder is made of. */
export interface VaeParts<E, D, L> {
  /** From `[batch, ...]` to `[batch, 2 d]`: d means of z, then d logarithms of variances. */
  readonly encoder: Layer<E, object>;
  /** From z, `[batch, d]`, to what the likelihood takes, in the shape of x. */
  readonly decoder: Layer<D, object>;
  readonly likelihood: Likelihood<L>;
  /** Number of elements d of z. */
  readonly latent: number;
  /** Weight of the divergence in the loss; 1 when left out. */
  readonly beta?: number;
}

/** Parameters of a {@link Vae}: a tree of tensors. */
export interface VaeParams<E, D, L> {
  readonly encoder: E;
  readonly decoder: D;
  readonly likelihood: L;
}

/** A variational autoencoder: functions of its parameters. */
export interface Vae<P> {
  /** Parameters to start from. */
  init(key: Tensor): P;
  /** q(z|x) of a batch: events of d numbers. */
  encode(params: P, x: TensorLike): Independent;
  /** p(x|z) for z of shape `[..., d]`: events of the shape of one example. */
  decode(params: P, z: TensorLike): Independent;
  /** Of each example of a batch, in nats. */
  elbo(params: P, x: TensorLike, options: ElboOptions): Elbo;
  /** Of each example of a batch, in nats. */
  iwae(params: P, x: TensorLike, options: IwaeOptions): Tensor;
  /** The mean of -elbo over a batch, as `fit` of `@grad/optim` takes it. */
  loss(params: P, x: TensorLike, options: ElboOptions): Tensor;
  /** Means of p(x|z) at the mean of q(z|x). */
  reconstruct(params: P, x: TensorLike): Tensor;
  /** Means of p(x|z) for z from the prior, in dtype of the parameters: shape `[count, ...]`. */
  generate(params: P, key: Tensor, count: number): Tensor;
}

/**
 * A variational autoencoder with a standard normal prior and a normal posterior with independent elements.
 *
 * @see Kingma and Welling, Auto-Encoding Variational Bayes, ICLR 2014.
 */
export function vae<E, D, L>({
  encoder,
  decoder,
  likelihood,
  latent,
  beta = 1,
}: VaeParts<E, D, L>): Vae<VaeParams<E, D, L>> {
  type P = VaeParams<E, D, L>;
  const encode = (params: P, x: TensorLike): Independent => {
    const output = encoder.apply(params.encoder, x);
    if (output.ndim !== 2 || output.shape[1] !== 2 * latent) {
      throw new ShapeError(
        `vae: the encoder gave shape [${output.shape.join(', ')}]; with latent ${latent} it must be [batch, ${2 * latent}], means of z and then logarithms of variances.`,
      );
    }
    const mean = slice(output, [0, 0], [null, latent]);
    const logVariance = slice(output, [0, latent]);
    return independent(normal(mean, exp(logVariance.mul(0.5))), 1);
  };
  const decode = (params: P, z: TensorLike): Independent => {
    const made = tensor(z);
    const lead = made.shape.slice(0, -1);
    const rows = decoder.apply(params.decoder, made.reshape([-1, latent]));
    const event = rows.shape.slice(1);
    const output = rows.reshape([...lead, ...event]);
    return independent(likelihood.distribution(params.likelihood, output), event.length);
  };
  const modelOf = (params: P, x: TensorLike): LatentModel => {
    const posterior = encode(params, x);
    const mean = posterior.mean();
    return {
      posterior,
      prior: standard(latent, mean.dtype),
      logLikelihood: (z) => decode(params, z).logProb(x),
    };
  };
  const evidence = (params: P, x: TensorLike, options: ElboOptions): Elbo =>
    elbo(modelOf(params, x), { beta, ...options });
  return {
    init: (key) => {
      const [first, second] = random.split(key);
      return {
        encoder: encoder.init(first),
        decoder: decoder.init(second),
        likelihood: likelihood.init(),
      };
    },
    encode,
    decode,
    elbo: evidence,
    iwae: (params, x, options) => iwae(modelOf(params, x), options),
    loss: (params, x, options) => evidence(params, x, options).elbo.mean().neg(),
    reconstruct: (params, x) => decode(params, encode(params, x).mean()).mean(),
    generate: (params, key, count) => decode(params, random.normal(key, [count, latent])).mean(),
  };
}

function standard(width: number, dtype: Tensor['dtype']): Independent {
  const loc = zeros([width], { dtype });
  return independent(normal(loc, loc.add(1)), 1);
}
