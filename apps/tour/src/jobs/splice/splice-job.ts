import { spliceModel } from '@grad/sequence';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import { contributionsOf, mutationsOf, normsThroughTime } from './contributions.ts';
import { crossValidate } from './cross-validate.ts';
import { explanation } from './explanation.ts';
import { gradientFigure } from './figures/gradient-figure.ts';
import { logoFigure } from './figures/logo-figure.ts';
import { mutationFigure } from './figures/mutation-figure.ts';
import { trackFigure } from './figures/track-figure.ts';
import { attachmentsOf, siteListings } from './outputs.ts';
import { resultRows } from './result-rows.ts';
import { readCandidates, scoreCandidates } from './scan-fasta.ts';
import { scanRows } from './scan-rows.ts';
import { loadWindows, parts } from './windows.ts';

type Options = {
  readonly data?: string | undefined;
  readonly fasta?: string | undefined;
  readonly folds: number;
  readonly epochs: number;
  readonly units: number;
  readonly truncate: number;
  readonly seed: number;
};

const whole = (from: number, to: number) =>
  numberOption({
    holds: (x) => Number.isInteger(x) && x >= from && x <= to,
    expected: `a whole number from ${from} to ${to}`,
  });

/** Learns what splice sites look like, and looks for them in a sequence of one's own. */
export const spliceJob: Job = defineJob({
  name: 'splice',
  title: 'Splice sites: where genes are cut',
  summary: 'find donors and acceptors in DNA by a recurrent network, and see what it goes by',
  explanation,
  options: (command) =>
    command
      .option(
        '--data <path>',
        'splice.data of UCI, or its folder (default: that in the folder GRAD_DATA; drawn windows where there is none)',
        (text) => text,
        process.env['GRAD_DATA'],
      )
      .option('--drawn', 'take drawn windows in any case', false)
      .option('--fasta <file>', 'FASTA or GenBank in which to look for splice sites')
      .option(
        '--folds <number>',
        `parts of ${parts} to test on, one after the other`,
        whole(1, parts),
        1,
      )
      .option('--epochs <number>', 'passes over the windows', whole(1, 1000), 20)
      .option('--units <number>', 'hidden units in each direction', whole(1, 512), 24)
      .option(
        '--truncate <number>',
        'bases that truncated gradients go back in the picture',
        whole(1, 1000),
        10,
      )
      .option(
        '--seed <number>',
        'seed of weights, parts and drawn windows',
        whole(0, 2 ** 31 - 1),
        0,
      )
      .addHelpText(
        'after',
        '\nExamples:\n' +
          '  npm start -- splice --data uci-splice --folds 10\n' +
          '  npm start -- splice --fasta gene.fa\n',
      ),
  run: splice,
});

async function splice(
  options: Options & { readonly drawn: boolean },
  context: JobContext,
): Promise<JobResult> {
  const { folds, epochs, units, truncate, seed, drawn, fasta } = options;
  await context.enter('reading', 0);
  const windows = await loadWindows({ data: drawn ? undefined : options.data, seed }, context);
  const length = windows.x.shape[1] ?? 0;
  const candidates = fasta === undefined ? undefined : await readCandidates(fasta, length, context);
  const model = spliceModel({ units });
  const tested = await crossValidate(model, windows, { folds, epochs, seed }, context);
  const { params, held } = tested;
  const scan =
    candidates &&
    (await scoreCandidates(candidates, model, params, () => context.enter('scanning', 0.82)));

  await context.enter('looking at what it goes by', 0.85);
  const donor = contributionsOf(model, params, held, 0);
  const acceptor = contributionsOf(model, params, held, 1);
  const shown = held.places.findIndex((place, i) => {
    return windows.labels[place] === 0 && (tested.probabilities[i]?.[0] ?? 0) > 0.9;
  });
  const norms = normsThroughTime(units, params, held, [undefined, truncate]);
  await context.enter('checking', 0.95);
  const rows = [
    ...resultRows(model, windows, tested, { donor, acceptor, truncate }),
    ...(scan === undefined ? [] : scanRows(scan)),
  ];

  await context.enter('drawing', 0.97);
  const half = length / 2;
  const at = (from: number, to: number) =>
    [Math.max(0, half + from), Math.min(length, half + to)] as const;
  const logos = [
    { title: 'Donors', range: at(-14, 18), contribution: donor },
    { title: 'Acceptors', range: at(-24, 8), contribution: acceptor },
  ].filter(({ contribution }) => contribution.count > 0);
  return {
    subject: `${windows.name}; a GRU of ${units} units in each direction, ${epochs} epochs, tested on ${folds} of ${parts} parts that it did not learn from.`,
    rows,
    figures: [
      ...(scan === undefined ? [] : [trackFigure(scan)]),
      ...(logos.length === 0 ? [] : [logoFigure(logos)]),
      ...(shown < 0
        ? []
        : [
            mutationFigure(
              windows.sequences[held.places[shown] ?? 0] ?? '',
              mutationsOf(model, params, held.x.at(shown), 0),
            ),
          ]),
      gradientFigure(norms, truncate),
    ],
    listings: scan === undefined ? [] : siteListings(scan),
    attachments: attachmentsOf(windows, tested, { donor, acceptor }, scan),
  };
}
