import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import type { CurvePoint } from '../curves.ts';

const color = {
  domain: ['mean field', 'Bethe', 'exact'],
  range: [ink.second, ink.third, ink.text],
  legend: true,
};

/** Magnetization by temperature. */
export function magnetizationFigure(points: readonly CurvePoint[], caption: string): Figure {
  const axes = { x: 'temperature', y: 'magnetization', stroke: 'method' } as const;
  return {
    title: 'Magnetization',
    caption,
    svg: drawPlot({
      color,
      x: { label: 'temperature' },
      y: { label: 'mean magnetization', grid: true },
      marks: [
        Plot.line(points, { ...axes, strokeWidth: 2 }),
        Plot.ruleY([0], { stroke: ink.soft }),
      ],
    }),
  };
}

/** Susceptibility by temperature. */
export function susceptibilityFigure(points: readonly CurvePoint[]): Figure {
  const drawn = points.filter(({ susceptibility = 0 }) => susceptibility > 0);
  const axes = { x: 'temperature', y: 'susceptibility', stroke: 'method' } as const;
  return {
    title: 'Susceptibility',
    caption:
      'How much the mean magnetization changes with a field on all spins: the derivative of the fixed ' +
      'point. It diverges where the magnetization vanishes.',
    svg: drawPlot({
      color,
      x: { label: 'temperature' },
      y: { type: 'log', label: 'susceptibility', grid: true, ticks: 5, tickFormat: '~g' },
      marks: [Plot.line(drawn, { ...axes, strokeWidth: 2 })],
    }),
  };
}
