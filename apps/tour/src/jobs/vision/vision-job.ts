import { argmax, softmax } from '@grad/core';
import { integratedGradients } from '@grad/vision';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import { timedAsync } from '../../timed.ts';
import { attackDigits, attackLimits, attackRows } from './attacks.ts';
import { accuracyOf, trainClassifier } from './classifier.ts';
import { closedFormRows } from './closed-form.ts';
import { type Digits, drawn, readDigits } from './digits.ts';
import { explain } from './explain.ts';
import { explanation } from './explanation.ts';
import { attackFigure, declineFigure } from './figures/attack-figure.ts';
import { attributionFigure } from './figures/attribution-figure.ts';
import { ticketFigure } from './figures/ticket-figure.ts';
import { judge } from './judge.ts';
import { lookForTicket } from './look-for-ticket.ts';
import { type Picture, readPicture } from './read-picture.ts';
import { ticketFile, ticketListing } from './ticket-report.ts';

type Options = {
  readonly image?: string | undefined;
  readonly data?: string | undefined;
  readonly eps: number;
  readonly epochs?: number | undefined;
  readonly seed: number;
  readonly ticket?: number | true | undefined;
};

const epochCount = numberOption({
  holds: (x) => Number.isInteger(x) && x >= 1 && x <= 1000,
  expected: 'a whole number from 1 to 1000',
});

/** Trains a network on digits, asks it why, leads it astray, and looks for the weights that it needs. */
export const visionJob: Job = defineJob({
  name: 'vision',
  title: 'Why a seven is a seven',
  summary: 'look into a network that reads digits (attribution, attacks, winning tickets)',
  explanation,
  options: (command) =>
    command
      .option('--image <file>', 'a picture of one digit to explain, as PNG (default: a drawn one)')
      .option(
        '--data <folder>',
        'digits to learn: the four IDX files of MNIST (default: drawn ones)',
      )
      .option(
        '--eps <number>',
        'largest change of a pixel by FGSM, in a range of 0 to 1',
        numberOption({ holds: (x) => x > 0 && x <= 1, expected: 'a number above 0, at most 1' }),
        attackLimits.eps,
      )
      .option(
        '--epochs <number>',
        'passes over the digits (default: 5 over drawn ones, 1 over those of --data)',
        epochCount,
      )
      .option(
        '--seed <number>',
        'seed of the weights and of drawn digits',
        numberOption({
          holds: (x) => Number.isInteger(x) && x >= 0 && x < 2 ** 31,
          expected: 'a whole number of 0 or more',
        }),
        0,
      )
      .option(
        '--ticket [epochs]',
        'look for the ticket at full size (LeNet-300-100, 15 prunings, with so many epochs between them; 5 when left out), and for a mask of random weights',
        epochCount,
      )
      .addHelpText(
        'after',
        '\nThe picture may be of any size, dark on light or light on dark: one digit on an even ground.\n' +
          '\nExamples:\n' +
          '  npm start -- vision --image seven.png\n' +
          '  npm start -- vision --image seven.png --data mnist\n' +
          '  npm start -- vision --data mnist --ticket\n',
      ),
  run: look,
});

async function look(options: Options, context: JobContext): Promise<JobResult> {
  const { eps, seed } = options;
  await context.enter('reading digits', 0);
  const digits = options.data === undefined ? drawn(seed) : await readDigits(options.data, context);
  const [count = 0, height = 0, width = 0] = digits.train.images.shape;
  const picture = await pictureOf(options.image, digits, context);
  const { epochs = digits.epochs } = options;
  const isHeld = digits.isKnown && epochs >= digits.epochs;

  await context.enter('training', 0.05);
  const { value: model, seconds } = await timedAsync(() =>
    trainClassifier(digits, {
      epochs,
      seed,
      signal: context.signal,
      onEpoch: (fraction) => context.enter('training', 0.05 + 0.35 * fraction),
    }),
  );
  const wrong = 1 - accuracyOf(model, digits.held.images.expandDims(1), digits.held.labels);

  await context.enter('attacking', 0.4);
  const attacked = attackDigits(model, digits, eps);
  await context.enter('explaining', 0.5);
  const scores = model(picture.image);
  const seen = argmax(scores).item();
  const explanations = explain(model, picture.image);
  const { delta } = integratedGradients(model, picture.image, { steps: 200, method: 'riemann' });

  const { rounds, rows: ticketRows } = await lookForTicket(digits, {
    epochsBetween: options.ticket === true ? 5 : options.ticket,
    isHeld,
    seed,
    context,
    from: 0.55,
  });

  await context.enter('drawing', 0.97);
  return {
    subject: `${count} ${digits.name} of ${height} x ${width} pixels, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}.`,
    rows: [
      ...closedFormRows(),
      {
        what: `share of ${digits.held.labels.size} other images that is classified wrongly`,
        result: wrong,
        seconds,
        ...(isHeld && { reference: { kind: 'atMost', limit: 0.03 } }),
      },
      ...attackRows(attacked, eps, isHeld),
      { what: `${picture.name}: probability of a ${seen}`, result: softmax(scores).max().item() },
      {
        what: `${picture.name}: its integrated gradients, sum less difference of scores, over the score`,
        result: delta.div(scores.max()).abs().item(),
        reference: { kind: 'atMost', limit: 0.005 },
        source: 'completeness; the error on relu networks falls as 1 / steps, here 1 / 200',
      },
      ...ticketRows,
    ],
    figures: [
      attributionFigure(picture.image, explanations, { subject: picture.name, seen: String(seen) }),
      attackFigure(attacked.shown, eps),
      declineFigure(attacked.declines),
      ticketFigure(rounds),
    ],
    listings: [judge(model, picture.image, explanations, seen), ticketListing(rounds)],
    attachments: [ticketFile(rounds)],
  };
}

/** The picture of the user, or the first 7 that was not learned from; the first image where there is none. */
async function pictureOf(
  path: string | undefined,
  { held, train, inkSize }: Digits,
  context: JobContext,
): Promise<Picture> {
  const [, height = 0, width = 0] = train.images.shape;
  if (path !== undefined) return readPicture(path, { height, width, inkSize }, context);
  const place = Math.max(0, held.labels.dataSync().indexOf(7));
  return {
    name: `image ${place + 1}`,
    image: held.images.at([place, place + 1]).expandDims(1),
  };
}
