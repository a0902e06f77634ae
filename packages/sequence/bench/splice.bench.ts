import { jit, random, type Tensor, valueAndGrad } from '@grad/core';
import {
  baseSaliency,
  drawSpliceSites,
  inSilicoMutagenesis,
  oneHotBatch,
  type SpliceBatch,
  type SpliceParams,
  spliceModel,
} from '@grad/sequence';
import { expect, test } from 'vitest';

// The model of bench/cases/splice-step, which compares with PyTorch and JAX.
const model = spliceModel();
const params = model.init(random.key(0));
const { sequences, labels } = drawSpliceSites(random.key(1), 64);
const batch: SpliceBatch = { x: oneHotBatch(sequences).x, labels };

test('64 windows of 60 bases: the loss of a bidirectional GRU of 24 units, and its gradient', async ({
  bench,
}) => {
  const forward = jit((p: SpliceParams, data: SpliceBatch) => model.loss(p, data));
  const gradient = jit(valueAndGrad((p: SpliceParams, data: SpliceBatch) => model.loss(p, data)));
  expect(gradient(params, batch)[0].item()).toBeCloseTo(forward(params, batch).item(), 5);
  await bench.compare(
    bench('loss', () => void forward(params, batch).item()),
    bench('loss and gradient', () => void gradient(params, batch)[0].item()),
  );
});

test('one window of 60 bases: contributions of its bases, and all of its mutations', async ({
  bench,
}) => {
  const x = batch.x.at([0, 1]);
  const donor = (z: Tensor): Tensor => model.apply(params, z).at(null, 0);
  const contributions = jit((z: Tensor) => baseSaliency(donor, z).perBase);
  const mutations = jit((z: Tensor) => inSilicoMutagenesis(donor, z));
  expect(contributions(x).shape).toEqual([1, 60]);
  expect(mutations(x).shape).toEqual([1, 60, 4]);
  await bench.compare(
    bench('integrated gradients', () => void contributions(x).dataSync()),
    bench('mutagenesis', () => void mutations(x).dataSync()),
  );
});
