import { fourDVar, trajectory } from '@grad/assimilation';
import type { Tensor } from '@grad/core';
import type { JobContext, JobResult } from '../../../job.ts';
import { toCsv } from '../../../to-csv.ts';
import { UserError } from '../../../user-error.ts';
import type { Span } from '../span.ts';
import { basin, cells, extent, stepsPerHour } from './basin.ts';
import type { WaterCase } from './case.ts';
import { cellValues } from './cell-values.ts';
import { modelRows, resultRows } from './checks.ts';
import { fieldsFigure } from './fields-figure.ts';

/** In the control variable the cost bends by 1 at least, so that it is then at most |gradient|² / 2 above its minimum. */
const tolerance = 0.05;

/** Finds the initial state of shallow water that fits a background and observations. */
export async function assimilateWater(
  input: WaterCase,
  context: JobContext,
  [from, to]: Span,
): Promise<JobResult> {
  const { signal, progress } = context;
  const enter = (stage: string, share: number) =>
    context.enter(`shallow water: ${stage}`, from + share * (to - from));
  await enter('checking the derivatives', 0);
  const checks = modelRows(input);

  await enter('minimizing', 0.4);
  const problem = fourDVar({ ...input, model: basin });
  const start = performance.now();
  let first = Number.NaN;
  const end = await problem.minimize({
    method: 'incremental',
    innerIterations: 60,
    gradientTolerance: tolerance,
    signal,
    onIteration: ({ iteration, gradientNorm }) => {
      if (iteration === 0) first = gradientNorm;
      const done = Math.log(first / gradientNorm) / Math.log(first / tolerance);
      const share = 0.4 + 0.5 * Math.min(1, Math.max(0, done));
      progress.show('shallow water: minimizing', from + share * (to - from));
    },
  });
  signal.throwIfAborted();
  if (end.status !== 'converged') {
    throw new UserError(`The minimization ended without a minimum. ${end.message}`);
  }
  const seconds = (performance.now() - start) / 1000;

  await enter('drawing', 0.9);
  const last = (state: Tensor): Tensor => trajectory(basin, state, input.window).at(-1);
  const maps = [
    ...(input.truth ? [{ name: 'truth', state: input.truth }] : []),
    { name: 'background', state: input.background },
    { name: 'analysis', state: end.analysis },
  ];
  const hours = input.window / stepsPerHour;
  return {
    subject:
      `Shallow water, ${cells} × ${cells} cells over ${extent} km. ${input.name}: ${input.count} observations ` +
      `in ${input.observations.length} of ${input.window} steps (${hours} hours).`,
    rows: [...checks, ...resultRows(input, end, seconds)],
    figures: [
      fieldsFigure(maps, {
        title: 'Depth and currents at the start',
        caption:
          'Colours are metres of depth; arrows are the flow, which circles around the heights clockwise. Circles are places of ' +
          `observations. ${input.truth ? 'The lower maps are what is wrong with the depths above them.' : ''}`,
        places: input.places,
      }),
      fieldsFigure(
        maps.map(({ name, state }) => ({ name, state: last(state) })),
        {
          title: `After ${hours} hours`,
          caption: `The same runs at the last observation.`,
          places: input.places,
        },
      ),
    ],
    listings: [],
    attachments: [
      {
        name: 'weather-water.csv',
        content: toCsv(['run', 'x', 'y', 'h', 'u', 'v'], maps.flatMap(cellRows)),
      },
    ],
  };
}

function cellRows({ name, state }: { name: string; state: Tensor }): (string | number)[][] {
  return cellValues(state).map(({ x, y, h, u, v }) => [name, x, y, h, u, v]);
}
