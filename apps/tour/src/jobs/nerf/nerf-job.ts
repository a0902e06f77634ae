import { stack, type Tensor, tensor } from '@grad/core';
import * as Plot from '@observablehq/plot';
import { colorFigure } from '../../color-figure.ts';
import { defineJob, type Figure, type Job, type JobContext, type JobResult } from '../../job.ts';
import { numberOption } from '../../parse-number.ts';
import { drawPlot, ink } from '../../plot.ts';
import { timedAsync } from '../../timed.ts';
import { UserError } from '../../user-error.ts';
import { fogRows } from './checks.ts';
import { explanation } from './explanation.ts';
import { photographs, ring, type Views } from './scene.ts';
import { decibels, rendererOf, type Trained, type TrainOptions, train, viewOf } from './train.ts';

type Options = { readonly full?: true | undefined; readonly steps?: number | undefined };

/** What is learned, and what is asked of it. */
interface Experiment extends Omit<TrainOptions, 'signal' | 'onStage'> {
  readonly size: number;
  readonly views: number;
  /** Decibels on held views that are asked for. */
  readonly wanted: number;
}

const reduced: Experiment = {
  size: 24,
  views: 16,
  width: 48,
  depth: 2,
  samples: 24,
  rays: 256,
  steps: 600,
  wanted: 19,
};
const full: Experiment = {
  size: 48,
  views: 24,
  width: 64,
  depth: 3,
  samples: 32,
  rays: 512,
  steps: 2000,
  wanted: 28,
};
const heldCount = 4;

/** Learns a scene from photographs, and looks at it from elsewhere. */
export const nerfJob: Job = defineJob({
  name: 'nerf',
  title: 'A scene out of photographs: neural radiance fields',
  summary: 'learn a scene from photographs and see it from new places (NeRF)',
  explanation,
  options: (command) =>
    command
      .option('--full', '24 photographs of 48 by 48 pixels, 4 of them held back: some minutes')
      .option(
        '--steps <number>',
        'steps of learning (default: 600, or 2000 with --full)',
        numberOption({
          holds: (x) => Number.isInteger(x) && x >= 30 && x <= 100_000,
          expected: 'a whole number from 30 to 100000',
        }),
      ),
  run: learn,
});

async function learn({ full: isFull, steps }: Options, context: JobContext): Promise<JobResult> {
  const standard = isFull ? full : reduced;
  const experiment = { ...standard, steps: steps ?? standard.steps };
  const { size, views, samples } = experiment;
  await context.enter('taking photographs', 0);
  const all = photographs(ring(size, views));
  const isHeld = (k: number): boolean => k % (views / heldCount) === 1;
  const [seen, held] = [picked(all, (k) => !isHeld(k)), picked(all, isHeld)];

  await context.enter('learning', 0.1);
  const { value: trained, seconds } = await timedAsync(() =>
    train(seen, held, {
      ...experiment,
      signal: context.signal,
      onStage: (step, quality) =>
        context.enter(
          `learning, ${quality.toFixed(1)} dB`,
          0.1 + (0.8 * step) / (experiment.steps + 30),
        ),
    }),
  );
  context.signal.throwIfAborted();
  if (trained.status === 'notFinite') {
    throw new UserError('The learning came to numbers that are not finite.');
  }

  await context.enter('looking', 0.92);
  const look = rendererOf(trained.model, 2 * samples);
  const pictures = Array.from({ length: heldCount }, (_, k) => {
    const view = viewOf(held, k);
    return { truth: view.images, seen: look(trained.params, view.origins, view.directions) };
  });
  const truth = stack(pictures.map((p) => p.truth));
  const found = stack(pictures.map((p) => p.seen));
  const isStandard = experiment.steps >= standard.steps;
  return {
    subject: `${views - heldCount} photographs of ${size} by ${size} pixels; ${heldCount} others held back; ${experiment.steps} steps of ${experiment.rays} rays.`,
    rows: [
      {
        what: 'mean square difference from views never seen',
        result: found.sub(truth).square().mean().item(),
        ...(isStandard && { reference: { kind: 'atMost', limit: 10 ** (-standard.wanted / 10) } }),
        ...(isStandard && { source: `${standard.wanted} dB` }),
        seconds,
      },
      { what: 'the same in decibels (peak signal to noise)', result: decibels(found, truth) },
      ...pictures.map((p, k) => ({
        what: `decibels of view ${k + 1}`,
        result: decibels(p.seen, p.truth),
      })),
      ...fogRows(),
    ],
    figures: [viewFigure(truth, found), curveFigure(trained)],
    listings: [],
    attachments: [],
  };
}

function picked(views: Views, keep: (k: number) => boolean): Views {
  const numbers = Array.from({ length: views.images.shape[0] ?? 0 }, (_, k) => k).filter(keep);
  const index = tensor(Int32Array.from(numbers));
  return {
    images: views.images.take(index),
    origins: views.origins.take(index),
    directions: views.directions.take(index),
  };
}

function viewFigure(truth: Tensor, found: Tensor): Figure {
  const pairs = Array.from({ length: heldCount }, (_, k) => [truth.at(k), found.at(k)]).flat();
  return colorFigure(stack(pairs), 4, {
    title: 'Views that were held back',
    caption: 'In pairs: the photograph, and what the network sees from there.',
    wide: true,
  });
}

function curveFigure({ curve }: Trained): Figure {
  const axes = { x: 'step', y: 'decibels' } as const;
  return {
    title: 'Learning',
    caption: 'Peak signal to noise ratio of the first view that was held back, by step.',
    svg: drawPlot({
      x: { label: 'step' },
      y: { label: 'dB', grid: true },
      marks: [
        Plot.line(curve, { ...axes, stroke: ink.first, strokeWidth: 2 }),
        Plot.dot(curve, { ...axes, fill: ink.first, r: 2.5 }),
      ],
    }),
  };
}
