import { exp, eye, linalg, log, slice, type Tensor, type TensorLike, tensor } from '@grad/core';

/** A probabilistic principal component analysis: x = W z + mean + noise. */
export interface Ppca {
  readonly mean: Tensor;
  /** W, `[features, q]`. */
  readonly weight: Tensor;
  /** Variance of the noise, a scalar. */
  readonly noise: Tensor;
  /** Log density of rows `[n, features]`, in nats: `[n]`. */
  logProb(rows: TensorLike): Tensor;
}

/**
 * Probabilistic PCA at its maximum of likelihood, from the eigenvalues of the covariance; what a linear
 * variational autoencoder can reach.
 *
 * @param rows `[n, features]`
 * @param q number of components, from 1 to features - 1
 * @throws RangeError when q is none of these.
 * @see Tipping and Bishop, Probabilistic Principal Component Analysis, Journal of the Royal Statistical
 *   Society B 61 (1999) 611-622, eq. 7 and 8.
 */
export function ppca(rows: TensorLike, q: number): Ppca {
  const x = tensor(rows);
  const [n = 0, features = 0] = x.shape;
  if (x.ndim !== 2 || !Number.isInteger(q) || q < 1 || q >= features) {
    throw new RangeError(
      `ppca: ${q} components of rows of shape [${x.shape.join(', ')}]; rows must be [n, features] and components a whole number from 1 to features - 1.`,
    );
  }
  const mean = x.mean({ axis: 0 });
  const centered = x.sub(mean);
  const [values, vectors] = linalg.eigh(centered.transpose().matmul(centered).div(n));
  const noise = slice(values, [0], [features - q]).mean();
  const weight = slice(vectors, [0, features - q]).mul(
    slice(values, [features - q])
      .sub(noise)
      .sqrt(),
  );
  return { mean, weight, noise, logProb: (at) => gaussian(tensor(at).sub(mean), weight, noise) };
}

/** log N(x; 0, W W' + noise I), by the Woodbury identity. */
function gaussian(x: Tensor, weight: Tensor, noise: Tensor): Tensor {
  const [features = 0, q = 0] = weight.shape;
  const inner = weight.transpose().matmul(weight).div(noise).add(eye(q));
  const lower = linalg.cholesky(inner);
  const scores = x.matmul(weight).div(noise);
  const solved = linalg.solve(inner, scores.transpose()).transpose();
  const squares = x
    .square()
    .sum({ axis: 1 })
    .div(noise)
    .sub(solved.mul(scores).sum({ axis: 1 }));
  const logDet = log(noise)
    .mul(features)
    .add(log(linalg.diagonal(lower)).sum().mul(2));
  return squares
    .add(logDet)
    .add(features * Math.log(2 * Math.PI))
    .mul(-0.5);
}

/** Parameters of a linear variational autoencoder. */
export interface LinearVaeParams {
  /** `[features, q]` and `[features]` */
  readonly weight: Tensor;
  readonly mean: Tensor;
  /** Logarithm of the standard deviation of the noise, a scalar. */
  readonly logScale: Tensor;
  /** Means of z are (x - mean) times this: `[features, q]`. */
  readonly encoder: Tensor;
  /** Logarithms of the standard deviations of z, `[q]`. */
  readonly encoderLogScale: Tensor;
}

/**
 * The evidence lower bound of a linear variational autoencoder, its mean over z in closed form: for
 * each row of x, in nats. Its maximum over the parameters is the likelihood of {@link ppca}.
 *
 * @see Lucas, Tucker, Grosse and Norouzi, Don't Blame the ELBO, NeurIPS 2019, section 4.
 */
export function linearVaeElbo(params: LinearVaeParams, rows: TensorLike): Tensor {
  const { weight, logScale, encoderLogScale } = params;
  const x = tensor(rows).sub(params.mean);
  const [features = 0] = weight.shape;
  const z = x.matmul(params.encoder);
  const variance = exp(encoderLogScale.mul(2));
  const misfit = x
    .sub(z.matmul(weight.transpose()))
    .square()
    .sum({ axis: 1 })
    .add(weight.square().mul(variance).sum());
  const likelihood = misfit
    .div(exp(logScale.mul(2)))
    .add(logScale.mul(2 * features))
    .add(features * Math.log(2 * Math.PI))
    .mul(-0.5);
  const kl = z.square().add(variance).sub(encoderLogScale.mul(2)).sub(1).sum({ axis: 1 }).mul(0.5);
  return likelihood.sub(kl);
}
