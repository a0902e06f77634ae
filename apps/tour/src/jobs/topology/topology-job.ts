import { type Topology, topologyOptimization, writeVtu } from '@grad/fem';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import { timedAsync } from '../../timed.ts';
import { beam, beamMesh, cells } from './beam.ts';
import { complianceRows, gradientRow } from './checks.ts';
import { explanation } from './explanation.ts';
import { complianceFigure, densityFigure } from './figures.ts';

type Options = { readonly volume: number; readonly radius: number };

const usual = { volume: 0.5, radius: 2.4 };
const early = 10;

/** Puts half of the material of a beam where it does most. */
export const topologyJob: Job = defineJob({
  name: 'topology',
  title: 'A beam of half its material',
  summary: 'find where material does most in a beam, by the gradient in every density',
  explanation,
  options: (command) =>
    command
      .option(
        '--volume <share>',
        'share of the area that is filled',
        numberOption({ holds: (x) => x > 0 && x < 1, expected: 'a number between 0 and 1' }),
        usual.volume,
      )
      .option(
        '--radius <number>',
        'radius of the filter, in elements',
        numberOption({ holds: (x) => x > 0, expected: 'a positive number' }),
        usual.radius,
      )
      .addHelpText('after', '\nExample:\n  npm start -- topology --volume 0.3 --radius 1.5\n'),
  run: optimizeBeam,
});

async function optimizeBeam(options: Options, context: JobContext): Promise<JobResult> {
  const { volume, radius } = options;
  const { signal, progress } = context;
  await context.enter('optimizing', 0);
  const mesh = beamMesh();
  let beginning: Float64Array = new Float64Array(cells[0] * cells[1]).fill(volume);
  const { value: result, seconds } = await timedAsync<Topology>(() =>
    topologyOptimization({
      mesh,
      problem: (young) => beam(mesh, young),
      volume,
      filterRadius: radius,
      signal,
      onIteration: ({ iteration, densities }) => {
        if (iteration <= early) beginning = densities;
        progress.show('optimizing', 0.8 * Math.min(1, iteration / 106));
      },
    }),
  );
  signal.throwIfAborted();
  await context.enter('checking', 0.85);
  const isUsual = volume === usual.volume && radius === usual.radius;
  const { densities, status, iterations, history } = result;
  const grey = densities.filter((x) => x > 0.1 && x < 0.9).length / densities.length;
  const rows = [
    ...(isUsual
      ? complianceRows(result)
      : [{ what: 'compliance in the last iteration', result: result.compliance }]),
    { what: 'seconds for all iterations, gradients and all', result: seconds },
    { what: 'share of elements that are neither full nor empty', result: grey },
    gradientRow(mesh, densities),
  ];
  await context.enter('drawing', 0.9);
  return {
    subject: `${cells.join(' × ')} elements, ${100 * volume} % filled, filter radius ${radius}: ${status} after ${iterations} iterations.`,
    rows,
    figures: [
      densityFigure(`After ${Math.min(early, iterations)} iterations`, mesh, beginning),
      densityFigure(`After ${iterations} iterations`, mesh, densities),
      complianceFigure(history),
    ],
    listings: [],
    attachments: [
      { name: 'topology.vtu', content: writeVtu(mesh, { cells: { density: densities } }) },
    ],
  };
}
