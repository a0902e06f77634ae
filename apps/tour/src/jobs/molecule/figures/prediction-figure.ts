import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';

/** A test molecule: its value, and what was told of it. */
export interface Told {
  readonly value: number;
  readonly prediction: number;
}

/** What is told of molecules that were not learned from, against their values. */
export function predictionFigure(molecules: readonly Told[], property: string): Figure {
  const ends = molecules.flatMap(({ value, prediction }) => [value, prediction]);
  const line = [Math.min(...ends), Math.max(...ends)].map((end) => ({
    value: end,
    prediction: end,
  }));
  return {
    title: 'Told and true',
    caption: 'Each dot is a molecule of the test; on the line, what is told is true.',
    svg: drawPlot({
      x: { label: property, grid: true },
      y: { label: 'told', grid: true },
      marks: [
        Plot.line(line, { x: 'value', y: 'prediction', stroke: ink.soft, strokeDasharray: '5 4' }),
        Plot.dot(molecules, {
          x: 'value',
          y: 'prediction',
          fill: ink.third,
          r: 3,
          fillOpacity: 0.7,
        }),
      ],
    }),
  };
}
