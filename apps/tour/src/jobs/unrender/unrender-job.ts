import { stack, type Tensor, tensor } from '@grad/core';
import * as Plot from '@observablehq/plot';
import { colorFigure } from '../../color-figure.ts';
import { defineJob, type Figure, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import { drawPlot, ink, powerOfTen } from '../../plot.ts';
import { timedAsync } from '../../timed.ts';
import { UserError } from '../../user-error.ts';
import { outlineRows, truthRows } from './checks.ts';
import { explanation } from './explanation.ts';
import { readTarget, readThing, rimColor } from './read-target.ts';
import { type Recovered, recover } from './recover.ts';
import { pebble, picture, type Setting, type Unknowns } from './scene.ts';
import { startAnywhere, startNear, truth } from './starts.ts';

type Options = {
  readonly image?: string | undefined;
  readonly mesh?: string | undefined;
  readonly fov: number;
};

const size = 64;
const maxSteps = 200;

/** Finds pose, light and material of a thing from one picture. */
export const unrenderJob: Job = defineJob({
  name: 'unrender',
  title: 'What made this picture?',
  summary: 'find pose, light and material of a thing from one picture (inverse rendering)',
  explanation,
  options: (command) =>
    command
      .option(
        '--image <file>',
        'a PNG picture of the thing on a plain background (default: one is made)',
      )
      .option('--mesh <file>', 'the form of the thing as an OBJ file (default: a pebble)')
      .option(
        '--fov <degrees>',
        'angle of view across the picture',
        numberOption({ holds: (x) => x >= 5 && x <= 120, expected: 'degrees from 5 to 120' }),
        34,
      )
      .addHelpText(
        'after',
        '\nOf a picture the middle square is taken, and reduced to 64 by 64 pixels. The lamp is taken to be of a known\n' +
          'power. Example:\n  npm start -- unrender --image photo.png --mesh thing.obj\n',
      ),
  run: unrender,
});

async function unrender(
  { image: path, mesh: form, fov }: Options,
  context: JobContext,
): Promise<JobResult> {
  await context.enter('reading', 0);
  const { name, mesh } =
    form === undefined ? { name: 'a pebble', mesh: pebble() } : await readThing(form, context);
  const plain: Setting = {
    mesh,
    size,
    fov: (fov * Math.PI) / 180,
    background: tensor([0.05, 0.07, 0.12]),
  };
  const own = path === undefined ? undefined : await readTarget(path, size, context);
  const setting = own ? { ...plain, background: rimColor(own) } : plain;
  const target = own ?? picture(setting, truth, size, 4).image;
  await context.enter('looking for a start', 0.05);
  const start = own ? startAnywhere(setting, target) : startNear(truth);

  await context.enter('searching', 0.1);
  const { value: result, seconds } = await timedAsync(() =>
    recover(setting, target, start, {
      maxSteps,
      signal: context.signal,
      onStep: (step) => context.progress.show('searching', 0.1 + (0.7 * step) / (step + 20)),
    }).catch((error: unknown) => {
      // What a renderer refuses, such as an eye inside of the thing.
      if (error instanceof RangeError) throw new UserError(`${name}: ${error.message}`);
      throw error;
    }),
  );
  await context.enter('checking', 0.85);
  const isKnown = own === undefined && form === undefined;
  const [first, last] = [start, result.found].map((p) => picture(setting, p, size).image);
  if (!first || !last) throw new Error('unreachable');
  const rms = (image: Tensor): number => image.sub(target).square().mean().sqrt().item();
  const found = words.map(([key, what]) => [
    what,
    Array.from(result.found[key].dataSync(), (x) => x.toPrecision(4)).join(', '),
  ]);
  return {
    subject: `${name} with ${mesh.faces.length / 3} triangles in a picture of ${size} by ${size} pixels; ${result.status} after ${result.steps} steps.`,
    rows: [
      ...(isKnown ? truthRows(start, result, truth) : [{ what: 'steps', result: result.steps }]),
      { what: 'root mean square difference of pixels, start', result: rms(first) },
      { what: 'the same, end', result: rms(last), seconds },
      ...(isKnown ? outlineRows() : []),
    ],
    figures: [pictures(target, first, last), errorFigure(result)],
    listings: [{ title: 'What was found', columns: ['what', 'value'], rows: found }],
    attachments: [],
  };
}

const words: readonly (readonly [keyof Unknowns, string])[] = [
  ['turn', 'turn of the thing (axis times angle in radians)'],
  ['place', 'its middle (right, down, away from the camera)'],
  ['lamp', 'the lamp (right, down, away from the camera)'],
  ['albedo', 'share of red, green and blue light that it gives back'],
  ['specular', 'share that it mirrors'],
];

function pictures(target: Tensor, first: Tensor, last: Tensor): Figure {
  const difference = last.sub(target).abs().mul(5);
  return colorFigure(stack([target, first, last, difference]), 4, {
    title: 'Target, start, end, difference',
    caption:
      'What was given, where the search began and ended, and five times the difference that is left.',
    wide: true,
  });
}

function errorFigure({ history }: Recovered): Figure {
  const axes = { x: 'step', y: 'error' } as const;
  return {
    title: 'The search',
    caption:
      'Root mean square difference, over three sizes, by step. It jumps up where the picture gets finer.',
    svg: drawPlot({
      x: { label: 'step' },
      y: { type: 'log', label: 'difference', grid: true, tickFormat: powerOfTen, ticks: 4 },
      marks: [
        Plot.line(history, { ...axes, stroke: ink.first, strokeWidth: 2 }),
        Plot.dot(history, { ...axes, fill: ink.first, r: 2.5 }),
      ],
    }),
  };
}
