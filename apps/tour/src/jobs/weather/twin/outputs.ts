import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import type { Row } from '../../../row.ts';
import { burnIn, cycles, type MethodErrors } from './twin.ts';

/** Errors of published experiments, and how far a run of this length may be from them. */
const published: Readonly<Record<string, { readonly value: number; readonly tolerance: number }>> =
  {
    climatology: { value: 3.6, tolerance: 0.1 },
    'optimal interpolation': { value: 0.95, tolerance: 0.02 },
    '3D-Var': { value: 0.41, tolerance: 0.02 },
    ETKF: { value: 0.18, tolerance: 0.02 },
  };

const words: Readonly<Record<string, string>> = {
  climatology: 'climatology',
  'optimal interpolation': 'optimal interpolation from the climate',
  '3D-Var': '3D-Var, B = 0.02 × covariance of the climate',
  ETKF: 'ETKF, 24 members, inflation 1.013',
};

/** Mean errors against those of the literature. */
export function twinRows(methods: readonly MethodErrors[]): Row[] {
  return methods.map(({ method, mean, seconds }) => {
    const reference = published[method];
    return {
      what: `error of ${words[method] ?? method}`,
      result: mean,
      ...(reference && { reference: { kind: 'exact', ...reference } as const }),
      source: `Sakov and Oke (2008), as DAPPER repeats it: ${cycles} cycles after ${burnIn}`,
      seconds,
    };
  });
}

/** Errors of the last cycles. */
export function twinFigure(methods: readonly MethodErrors[]): Figure {
  const shown = 100;
  const colors = [ink.soft, ink.fourth, ink.second, ink.third];
  const points = methods.flatMap(({ method, errors }) =>
    errors
      .slice(-shown)
      .map((error, i) => ({ method, cycle: errors.length - shown + i + 1, error })),
  );
  return {
    title: 'Errors of analyses of Lorenz-96',
    caption:
      'Root mean square errors over the 40 variables in the last 100 cycles. Observations have errors of 1: to know the climate helps a ' +
      'little, to forecast helps more, and to know what is uncertain today helps most.',
    svg: drawPlot({
      height: 400,
      color: { domain: methods.map(({ method }) => method), range: colors, legend: true },
      x: { label: 'cycle', tickFormat: (cycle: number) => String(cycle) },
      y: {
        type: 'log',
        label: 'error',
        grid: true,
        domain: [0.08, 6],
        ticks: [0.1, 0.2, 0.5, 1, 2, 5],
        tickFormat: String,
      },
      marks: [Plot.line(points, { x: 'cycle', y: 'error', stroke: 'method', strokeWidth: 1.75 })],
    }),
  };
}
