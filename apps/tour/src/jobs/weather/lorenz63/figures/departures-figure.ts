import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../../job.ts';
import { drawPlot, ink } from '../../../../plot.ts';
import { thin, thinningNote } from '../../../../thin.ts';
import { runColors } from './run.ts';

/** How far a model run is from one observation, in units of the observation's error. */
export interface Departure {
  readonly name: 'background' | 'analysis';
  readonly time: number;
  readonly departure: number;
}

/** Departures of the observations from the background and from the analysis. */
export function departuresFigure(departures: readonly Departure[]): Figure {
  return {
    title: 'Departures',
    caption:
      'Observation minus model, in standard deviations of the observation. After the analysis most lie ' +
      'in the band between −2 and 2: the fit explains the observations down to their errors.' +
      thinningNote(departures, 'departures'),
    svg: drawPlot({
      height: 400,
      color: {
        domain: ['background', 'analysis'],
        range: [runColors.background, runColors.analysis],
        legend: true,
      },
      x: { label: 'time' },
      y: { label: 'departure', grid: true, nice: true },
      marks: [
        Plot.rect([{ low: -2, high: 2 }], {
          y1: 'low',
          y2: 'high',
          fill: ink.soft,
          fillOpacity: 0.15,
        }),
        Plot.ruleY([0], { stroke: ink.soft }),
        Plot.dot(thin(departures), {
          x: 'time',
          y: 'departure',
          fill: 'name',
          r: 3.5,
          stroke: ink.paper,
          strokeWidth: 0.75,
        }),
      ],
    }),
  };
}
