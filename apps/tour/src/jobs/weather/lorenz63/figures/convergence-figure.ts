import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../../job.ts';
import { drawPlot, ink, powerOfTen } from '../../../../plot.ts';

/** One iteration of the minimization. */
export interface Iteration {
  readonly cost: number;
  readonly gradientNorm: number;
}

/** Cost and gradient norm by iteration. */
export function convergenceFigure(iterations: readonly Iteration[]): Figure {
  const points = iterations.flatMap(({ cost, gradientNorm }, iteration) => [
    { iteration, what: 'cost J', value: cost },
    { iteration, what: 'norm of the gradient', value: gradientNorm },
  ]);
  const axes = { x: 'iteration', y: 'value' } as const;
  return {
    title: 'The minimization',
    caption:
      'L-BFGS takes the gradient from the adjoint of all the model steps at once. At the minimum the cost ' +
      'levels out and the gradient vanishes.',
    svg: drawPlot({
      height: 400,
      color: {
        domain: ['cost J', 'norm of the gradient'],
        range: [ink.third, ink.second],
        legend: true,
      },
      x: { label: 'iteration', ticks: Math.min(10, iterations.length) },
      y: { type: 'log', label: null, grid: true, tickFormat: powerOfTen },
      marks: [
        Plot.line(points, { ...axes, stroke: 'what', strokeWidth: 2 }),
        Plot.dot(points, { ...axes, fill: 'what', r: 3 }),
      ],
    }),
  };
}
