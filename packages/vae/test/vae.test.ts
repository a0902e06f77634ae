import { jit, linalg, random, type Tensor, tensor } from '@grad/core';
import { drawnDigits } from '@grad/data';
import { mlp } from '@grad/nn';
import { adam, fit, lbfgs } from '@grad/optim';
import {
  bernoulliLikelihood,
  type LinearVaeParams,
  linearVaeElbo,
  normalLikelihood,
  ppca,
  traverseLatent,
  vae,
} from '@grad/vae';
import { describe, expect, test } from 'vitest';

const key = random.key(0);

/** Maximizes the bound of a linear autoencoder from small random weights. */
async function fitLinear(rows: Tensor, q: number) {
  const features = rows.shape[1] ?? 0;
  const [first, second] = random.split(key);
  const start: LinearVaeParams = {
    weight: random.normal(first, [features, q]).mul(0.1),
    encoder: random.normal(second, [features, q]).mul(0.1),
    mean: rows.mean({ axis: 0 }),
    logScale: tensor(-1),
    encoderLogScale: tensor(new Float64Array(q)),
  };
  return lbfgs((p: LinearVaeParams) => linearVaeElbo(p, rows).mean().neg(), start, {
    maxIterations: 3000,
    gradientTolerance: 1e-6,
  });
}

describe('a linear autoencoder', () => {
  test('reaches probabilistic PCA on data with known eigenvalues', async () => {
    // Whitened noise: the covariance is exactly diag(9, 4, 1/4, 1/4, 1/4).
    const noise = random.normal(random.key(5), [400, 5]);
    const centered = noise.sub(noise.mean({ axis: 0 }));
    const lower = linalg.cholesky(centered.transpose().matmul(centered).div(400));
    const white = linalg.solve(lower, centered.transpose()).transpose();
    const rows = white.mul([3, 2, 0.5, 0.5, 0.5]);
    const best = ppca(rows, 2);
    expect(best.noise.item()).toBeCloseTo(0.25, 12);
    const logDet = Math.log(9) + Math.log(4) + 3 * Math.log(0.25);
    const expected = -0.5 * (5 * Math.log(2 * Math.PI) + logDet + 5);
    expect(best.logProb(rows).mean().item()).toBeCloseTo(expected, 11);
    const found = await fitLinear(rows, 2);
    expect(found.value).toBeCloseTo(-expected, 9);
    expect(Math.exp(2 * found.x.logScale.item())).toBeCloseTo(0.25, 4);
  });
});

describe('vae', () => {
  const model = vae({
    encoder: mlp([196, 64, 8]),
    decoder: mlp([4, 64, 196]),
    likelihood: bernoulliLikelihood(),
    latent: 4,
  });
  const digits = drawnDigits(random.key(1), 256, { size: 14 }).images.reshape([256, 196]);
  const x = digits.gt(0.5).astype('float32');

  test('learns: the bound rises, and the importance weighted one is above it', async () => {
    const params = model.init(key);
    const before = model.loss(params, x, { key }).item();
    const { params: after, status } = await fit(
      (p: typeof params, batch: Tensor, { key: k }) => model.loss(p, batch, { key: k }),
      params,
      { optimizer: adam({ learningRate: 3e-3 }), batches: () => [x], epochs: 150 },
    );
    expect(status).toBe('completed');
    const bound = model.loss(after, x, { key, draws: 20 }).item();
    expect(bound).toBeLessThan(0.6 * before);
    expect(model.iwae(after, x, { key, draws: 50 }).mean().item()).toBeGreaterThan(-bound);
    const wrong = model.reconstruct(after, x).sub(x).abs().mean().item();
    expect(wrong).toBeLessThan(
      x
        .sub(x.mean({ axis: 0 }))
        .abs()
        .mean()
        .item(),
    );
  });

  test('draws, decodes and walks in the shapes of the data', () => {
    const params = model.init(key);
    expect(model.generate(params, key, 3).shape).toEqual([3, 196]);
    expect(model.encode(params, x).eventShape).toEqual([4]);
    expect(model.elbo(params, x, { key, draws: 2 }).elbo.shape).toEqual([256]);
    const decode = (z: Tensor) => model.decode(params, z).mean();
    const walk = traverseLatent(decode, [0, 1, 2, 3], { axis: 1, values: [-1, 5] });
    expect(walk.shape).toEqual([2, 196]);
    const direct = decode(
      tensor([
        [0, -1, 2, 3],
        [0, 5, 2, 3],
      ]),
    );
    expect(walk.sub(direct).abs().max().item()).toBeLessThan(1e-6);
    const compiled = jit((p: typeof params) => model.loss(p, x, { key }))(params).item();
    expect(compiled / model.loss(params, x, { key }).item()).toBeCloseTo(1, 5);
  });

  test('says what does not fit', () => {
    const wrong = vae({
      encoder: mlp([196, 7]),
      decoder: mlp([4, 196]),
      likelihood: normalLikelihood(),
      latent: 4,
    });
    expect(() => wrong.encode(wrong.init(key), x)).toThrow(
      /the encoder gave shape \[256, 7\]; with latent 4 it must be \[batch, 8\]/,
    );
    expect(() => traverseLatent((z) => z, [1, 2], { axis: 2 })).toThrow(
      /axis is 2, z has shape \[2\]/,
    );
    expect(() => normalLikelihood({ scale: 0 })).toThrow(/scale is 0/);
    expect(() => ppca([[1, 2]], 2)).toThrow(/2 components of rows of shape \[1, 2\]/);
  });
});
