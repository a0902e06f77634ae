import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../../job.ts';
import { drawPlot, ink } from '../../../../plot.ts';
import { thin, thinningNote } from '../../../../thin.ts';
import type { Observation } from '../read-observations.ts';
import { lineWidth, type Run, runColors } from './run.ts';

const components = ['x', 'y', 'z'] as const;

/** The three components over time, each in a panel of its own, with the observations. */
export function statesFigure(
  runs: readonly Run[],
  observations: readonly Observation[],
  { dt, window }: { dt: number; window: number },
): Figure {
  const panels = components.map((component, index) => {
    const curves = runs.flatMap(({ name, states }) =>
      thin(states.map((state, step) => ({ name, time: step * dt, value: state[index] }))),
    );
    const seen = thin(observations)
      .filter((observation) => observation.index === index)
      .map(({ step, value, error }) => ({
        time: step * dt,
        value,
        low: value - error,
        high: value + error,
      }));
    const [first, last] = [index === 0, index === components.length - 1];
    return drawPlot({
      width: 1080,
      height: last ? 228 : 200,
      marginTop: 22,
      marginRight: 24,
      marginBottom: last ? 40 : 12,
      color: {
        domain: [...runs.map(({ name }) => name), 'observation'],
        range: [...runs.map(({ name }) => runColors[name]), ink.fourth],
        legend: first,
      },
      x: { label: last ? 'time' : null, axis: last ? 'bottom' : null },
      y: { label: component, grid: true, nice: true, ticks: 5 },
      marks: [
        Plot.ruleX([window * dt], { stroke: ink.soft, strokeDasharray: '4 4' }),
        Plot.line(curves, { x: 'time', y: 'value', stroke: 'name', strokeWidth: lineWidth }),
        Plot.ruleX(seen, {
          x: 'time',
          y1: 'low',
          y2: 'high',
          stroke: () => 'observation',
          strokeWidth: 1.75,
        }),
        Plot.dot(seen, { x: 'time', y: 'value', fill: () => 'observation', r: 2.75 }),
      ],
    });
  });
  return {
    wide: true,
    title: 'The fit and the forecast',
    caption:
      'Green bars are observations with one standard deviation of their error. They end at the dashed line: ' +
      'beyond it every curve is a forecast, and two states of a chaotic system that differ at all drift apart.' +
      thinningNote(observations, 'observations'),
    svg: panels.join(''),
  };
}
