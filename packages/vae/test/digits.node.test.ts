import { readFile } from 'node:fs/promises';
import { random, slice, type Tensor, tensor } from '@grad/core';
import { readMatrix } from '@grad/data';
import { lbfgs } from '@grad/optim';
import { type LinearVaeParams, linearVaeElbo, ppca } from '@grad/vae';
import { expect, test } from 'vitest';

const folder = process.env['GRAD_DATA'];

/** Pixels of the UCI digits in [0, 1], `[n, 64]`; the last column is the class. */
async function digits(name: string): Promise<Tensor> {
  const rows = await readMatrix(await readFile(`${folder}/digits/${name}`), { dtype: 'float64' });
  return slice(rows, [0, 0], [null, 64]).div(16);
}

test.skipIf(folder === undefined)(
  'a linear autoencoder reaches the optimum of probabilistic PCA on the UCI digits (GRAD_DATA)',
  async () => {
    const [train, held] = [await digits('optdigits.tra'), await digits('optdigits.tes')];
    const best = ppca(train, 2);
    expect(best.logProb(train).mean().item()).toBeCloseTo(-0.13527, 5);
    expect(best.logProb(held).mean().item()).toBeCloseTo(-0.65229, 5);
    const [first, second] = random.split(random.key(0));
    const start: LinearVaeParams = {
      weight: random.normal(first, [64, 2]).mul(0.1),
      encoder: random.normal(second, [64, 2]).mul(0.1),
      mean: tensor(new Float64Array(64)),
      logScale: tensor(-1),
      encoderLogScale: tensor([0, 0]),
    };
    const { x, value } = await lbfgs(
      (p: LinearVaeParams) => linearVaeElbo(p, train).mean().neg(),
      start,
      { gradientTolerance: 1e-5 },
    );
    expect(value).toBeCloseTo(0.13527, 4);
    expect(linearVaeElbo(x, held).mean().item()).toBeCloseTo(-0.65229, 3);
  },
);
