import { concatenate, jit, linspace, random, slice, type Tensor, tensor } from '@grad/core';
import { minibatches } from '@grad/data';
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
import { drawn, fromFolder } from './pictures.ts';

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
    command
      .option(
        '--data <folder>',
        'a folder with the four IDX files of MNIST (default: drawn digits)',
      )
      .option('--epochs <number>', 'passes over the digits', count, 25)
      .option(
        '--draws <number>',
        'draws of z for each picture; above 1 the importance weighted bound is raised',
        count,
        1,
      )
      .option('--minutes <number>', 'time after which training ends, however many epochs', count)
      .addHelpText(
        'after',
        '\nPixels are probabilities of ink, drawn anew in each step.\n' +
          '\nExample:\n' +
          '  npm start -- dream --data mnist --epochs 1000 --minutes 10\n',
      ),
  run: dream,
});

type Options = {
  readonly data?: string | undefined;
  readonly epochs: number;
  readonly draws: number;
  readonly minutes?: number | undefined;
};

const batch = 100;
/** Pictures on which the evidence is estimated, and draws for each. */
const judged = { pictures: 1000, draws: 500 };

async function dream(options: Options, context: JobContext): Promise<JobResult> {
  const { draws, epochs } = options;
  await context.enter('reading or drawing digits', 0);
  const pictures = options.data === undefined ? drawn() : await fromFolder(options.data, context);
  const { side, train, latent, hidden, activation } = pictures;
  const [digits = 0, pixels = 0] = train.shape;
  const model = vae({
    encoder: mlp([pixels, ...hidden, 2 * latent], { activation }),
    decoder: mlp([latent, ...hidden.toReversed(), pixels], { activation }),
    likelihood: bernoulliLikelihood(),
    latent,
  });
  const ink = (key: Tensor, probabilities: Tensor): Tensor =>
    random.bernoulli(key, probabilities).astype('float32');
  const held = ink(random.key(5), pictures.held);

  await context.enter('training', 0.05);
  const key = random.key(2);
  const start = model.init(key);
  const began = performance.now();
  const end = options.minutes && AbortSignal.timeout(60_000 * options.minutes);
  const trained = await fit(
    (p: typeof start, probabilities: Tensor, { key: draw }) => {
      const [forInk, forZ] = random.split(draw);
      const x = ink(forInk, probabilities);
      return draws === 1
        ? model.loss(p, x, { key: forZ })
        : model.iwae(p, x, { key: forZ, draws }).mean().neg();
    },
    start,
    {
      optimizer: adam({ learningRate: pictures.learningRate }),
      batches: minibatches(train, { size: batch, key: random.key(3) }),
      epochs,
      signal: end ? AbortSignal.any([context.signal, end]) : context.signal,
      onProgress: ({ step }) =>
        context.progress.show('training', 0.05 + (0.8 * step * batch) / (digits * epochs)),
    },
  );
  context.signal.throwIfAborted();
  if (trained.status === 'notFinite') {
    throw new UserError('The training came to numbers that are not finite.');
  }
  const seconds = (performance.now() - began) / 1000;
  const { params, history } = trained;
  const seen = history.losses.length * batch;

  await context.enter('dreaming', 0.9);
  const some = slice(held, [0], [judged.pictures]);
  const boundOf = (p: typeof start): number =>
    model.elbo(p, some, { key, draws: 10 }).elbo.mean().item();
  const [before, bound] = [boundOf(start), boundOf(params)];
  const weigh = jit((x: Tensor) => model.iwae(params, x, { key, draws: judged.draws }).mean());
  const parts: number[] = [];
  for (const part of minibatches(some, { size: 20, dropLast: true })(0)) {
    await context.enter('estimating the evidence', 0.9);
    parts.push(weigh(part).item());
  }
  const weighted = parts.reduce((sum, part) => sum + part, 0) / parts.length;
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
    subject: `${digits} ${pictures.name} of ${side} x ${side} pixels, ${latent} numbers for each, ${(seen / digits).toFixed(1)} epochs.`,
    rows: [
      ...exactRows(),
      {
        what: `bound on ${some.shape[0]} other digits before training, nats per digit`,
        result: before,
      },
      { what: 'bound on them after training', result: bound, seconds },
      { what: `importance weighted bound on them, ${judged.draws} draws`, result: weighted },
      {
        what: 'the bound less the importance weighted one',
        result: bound - weighted,
        reference: { kind: 'atMost', limit: 0 },
        source: 'Burda, Grosse and Salakhutdinov, ICLR 2016, theorem 1',
      },
      { what: 'digits learned from per second', result: seen / seconds },
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
