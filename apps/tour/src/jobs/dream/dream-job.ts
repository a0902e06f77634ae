import { concatenate, linspace, random, slice, type Tensor, tensor } from '@grad/core';
import { drawnDigits, minibatches } from '@grad/data';
import { mlp } from '@grad/nn';
import { adam, fit } from '@grad/optim';
import { bernoulliLikelihood, elbo, normal, traverseLatent, vae } from '@grad/vae';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import type { Row } from '../../row.ts';
import { UserError } from '../../user-error.ts';
import { boundFigure } from './bound-figure.ts';
import { explanation } from './explanation.ts';
import { pictureFigure } from './picture-figure.ts';

const count = numberOption({
  holds: (x) => Number.isInteger(x) && x >= 1 && x <= 10_000,
  expected: 'a whole number from 1 to 10000',
});

/** Trains a variational autoencoder on drawn digits, and lets it draw digits of its own. */
export const dreamJob: Job = defineJob({
  name: 'dream',
  title: 'Dreams of digits: a variational autoencoder',
  summary: 'learn to draw digits from a few numbers (variational autoencoder)',
  explanation,
  options: (command) =>
    command.option('--epochs <number>', 'passes over the 1000 drawn digits', count, 25),
  run: dream,
});

const side = 14;
const pixels = side * side;
const latent = 6;
const digits = 1000;

async function dream(
  { epochs }: { readonly epochs: number },
  context: JobContext,
): Promise<JobResult> {
  await context.enter('drawing digits', 0);
  const drawn = (seed: number, n: number): Tensor =>
    drawnDigits(random.key(seed), n, { size: side })
      .images.reshape([n, pixels])
      .gt(0.5)
      .astype('float32');
  const [train, held] = [drawn(0, digits), drawn(1, 200)];
  const model = vae({
    encoder: mlp([pixels, 128, 2 * latent]),
    decoder: mlp([latent, 128, pixels]),
    likelihood: bernoulliLikelihood(),
    latent,
  });

  await context.enter('training', 0.05);
  const key = random.key(2);
  const start = model.init(key);
  const began = performance.now();
  const trained = await fit(
    (p: typeof start, batch: Tensor, { key: draw }) => model.loss(p, batch, { key: draw }),
    start,
    {
      optimizer: adam({ learningRate: 3e-3 }),
      batches: minibatches(train, { size: 100, key: random.key(3) }),
      epochs,
      signal: context.signal,
      onEpoch: ({ epoch }) => context.enter('training', 0.05 + (0.8 * (epoch + 1)) / epochs),
    },
  );
  context.signal.throwIfAborted();
  if (trained.status === 'notFinite') {
    throw new UserError('The training came to numbers that are not finite.');
  }
  const seconds = (performance.now() - began) / 1000;
  const { params } = trained;

  await context.enter('dreaming', 0.9);
  const bound = model.elbo(params, held, { key, draws: 10 }).elbo.mean().item();
  const before = model.elbo(start, held, { key, draws: 10 }).elbo.mean().item();
  const weighted = model.iwae(params, held, { key, draws: 50 }).mean().item();
  const picture = (x: Tensor): Tensor => x.reshape([-1, side, side]);
  const shown = slice(held, [0], [10]);
  const center = slice(model.encode(params, shown).mean(), [0], [1]).reshape([latent]);
  const walks = Array.from({ length: latent }, (_, axis) =>
    traverseLatent((z) => model.decode(params, z).mean(), center, {
      axis,
      values: linspace(-2.5, 2.5, 10),
    }),
  );
  return {
    subject: `${digits} drawn digits of ${side} x ${side} pixels, ${latent} numbers for each, ${epochs} epochs.`,
    rows: [
      ...exactRows(),
      { what: 'bound on 200 other digits before training, nats per digit', result: before },
      { what: 'bound on them after training', result: bound, seconds },
      { what: 'importance weighted bound on them, 50 draws', result: weighted },
      {
        what: 'the bound less the importance weighted one',
        result: bound - weighted,
        reference: { kind: 'atMost', limit: 0 },
        source: 'Burda, Grosse and Salakhutdinov, ICLR 2016, theorem 1',
      },
      { what: 'digits learned from per second', result: (digits * epochs) / seconds },
    ],
    figures: [
      pictureFigure(picture(model.generate(params, random.key(4), 40)), 10, {
        title: 'Dreams',
        caption: 'Digits that nobody wrote: numbers drawn from p(z), decoded.',
      }),
      pictureFigure(picture(concatenate([shown, model.reconstruct(params, shown)])), 10, {
        title: 'Reconstructions',
        caption: `Above, digits that the model has not seen; below, what it makes of ${latent} numbers for each.`,
      }),
      pictureFigure(picture(concatenate(walks)), 10, {
        title: 'A walk through the latent space',
        caption: 'Each row changes one of the numbers of the same digit from -2.5 to 2.5.',
      }),
      boundFigure(trained.history.losses),
    ],
    listings: [],
    attachments: [],
  };
}

/** The bound where the evidence is known: z ~ N(0, 1), x ~ N(z, 1). */
function exactRows(): Row[] {
  const x = tensor([-0.5, 2]);
  const at = elbo(
    {
      posterior: normal(x.div(2), Math.SQRT1_2),
      prior: normal(0, 1),
      logLikelihood: (z) => normal(z, 1).logProb(x),
    },
    { key: random.key(0), kl: 'monteCarlo' },
  ).elbo;
  return [-1.3280121, -2.2655121].map((value, i) => ({
    what: `bound at the exact posterior of x = ${x.at(i).item()}, one draw`,
    result: at.at(i).item(),
    reference: { kind: 'exact', value, tolerance: 1e-7 },
    source: 'log density of N(0, 2), which is that of x',
  }));
}
