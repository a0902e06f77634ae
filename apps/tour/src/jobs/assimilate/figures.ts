import * as Plot from '@observablehq/plot';
import type { Figure } from '../../job.ts';
import { drawPlot, ink, powerOfTen } from '../../plot.ts';
import type { Observation } from './read-observations.ts';

/** A run of the model: `states[step][component]`. */
export interface Run {
  readonly name: 'truth' | 'background' | 'analysis';
  readonly states: readonly (readonly number[])[];
}

const components = ['x', 'y', 'z'] as const;
const colors: Readonly<Record<Run['name'], string>> = {
  truth: ink.first,
  background: ink.second,
  analysis: ink.third,
};

/** The three components over time, with the observations and their errors. */
export function statesFigure(
  runs: readonly Run[],
  observations: readonly Observation[],
  { dt, window }: { dt: number; window: number },
): Figure {
  const points = runs.flatMap(({ name, states }) =>
    states.flatMap((state, step) =>
      components.map((component, index) => ({
        name,
        component,
        time: step * dt,
        value: state[index],
      })),
    ),
  );
  const marks = observations.map(({ step, index, value, error }) => ({
    component: components[index],
    time: step * dt,
    value,
    low: value - error,
    high: value + error,
  }));
  const end = window * dt;
  return {
    wide: true,
    title: 'The fit and the forecast',
    caption:
      'Bars are observations with one standard deviation of their error. They end at the dashed line: ' +
      'beyond it every curve is a forecast, and two states of a chaotic system that differ at all drift apart.',
    svg: drawPlot({
      width: 1080,
      height: 640,
      marginRight: 44,
      color: {
        domain: [...runs.map(({ name }) => name), 'observation'],
        range: [...runs.map(({ name }) => colors[name]), ink.fourth],
        legend: true,
      },
      x: { label: 'time' },
      y: { label: 'value', grid: true, nice: true },
      fy: { label: null, domain: components },
      marks: [
        Plot.ruleX([end], { stroke: ink.soft, strokeDasharray: '4 4' }),
        Plot.line(points, {
          x: 'time',
          y: 'value',
          fy: 'component',
          stroke: 'name',
          strokeWidth: ({ name }: { name: string }) => (name === 'truth' ? 3.5 : 1.75),
          strokeOpacity: ({ name }: { name: string }) => (name === 'truth' ? 0.35 : 1),
        }),
        Plot.ruleX(marks, {
          x: 'time',
          y1: 'low',
          y2: 'high',
          fy: 'component',
          stroke: () => 'observation',
          strokeWidth: 1.5,
        }),
        Plot.dot(marks, {
          x: 'time',
          y: 'value',
          fy: 'component',
          fill: () => 'observation',
          stroke: ink.paper,
          r: 3.5,
        }),
      ],
    }),
  };
}

/** The runs in the plane of x and z, where the Lorenz attractor shows its two wings. */
export function attractorFigure(runs: readonly Run[]): Figure {
  const points = runs.flatMap(({ name, states }) =>
    states.map(([x, , z], step) => ({ name, x, z, step })),
  );
  const axes = { x: 'x', y: 'z', stroke: 'name' } as const;
  return {
    title: 'In the plane of x and z',
    caption: 'The same runs on the wings of the Lorenz attractor. Dots mark the initial states.',
    svg: drawPlot({
      height: 400,
      color: {
        domain: runs.map(({ name }) => name),
        range: runs.map(({ name }) => colors[name]),
        legend: true,
      },
      x: { label: 'x', nice: true },
      y: { label: 'z', grid: true, nice: true },
      marks: [
        Plot.line(points, {
          ...axes,
          strokeWidth: ({ name }: { name: string }) => (name === 'truth' ? 4 : 1.75),
          strokeOpacity: ({ name }: { name: string }) => (name === 'truth' ? 0.35 : 1),
        }),
        Plot.dot(
          points.filter(({ step }) => step === 0),
          { x: 'x', y: 'z', fill: 'name', r: 4.5, stroke: ink.paper },
        ),
      ],
    }),
  };
}

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
      'levels out and the gradient falls to round-off.',
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

/** Remainders of the Taylor expansion of the cost for one size of step. */
export interface TaylorPoint {
  readonly h: number;
  /** |J(x + h d) - J(x)| */
  readonly zeroth: number;
  /** |J(x + h d) - J(x) - h dJ·d| */
  readonly first: number;
}

/** The remainders over the step: straight lines of slopes 1 and 2 when the gradient is right. */
export function taylorFigure(points: readonly TaylorPoint[]): Figure {
  const lines = points.flatMap(({ h, zeroth, first }) => [
    { h, what: 'without the gradient (slope 1)', value: zeroth },
    { h, what: 'with the gradient (slope 2)', value: first },
  ]);
  const axes = { x: 'h', y: 'value' } as const;
  return {
    title: 'Is the gradient right?',
    caption:
      'The error of predicting the cost at a distance h from the background. With the right gradient it falls as h²; ' +
      'a gradient with any fault would fall only as h.',
    svg: drawPlot({
      height: 400,
      color: {
        domain: ['without the gradient (slope 1)', 'with the gradient (slope 2)'],
        range: [ink.second, ink.third],
        legend: true,
      },
      x: { type: 'log', label: 'distance h', tickFormat: powerOfTen, reverse: true },
      y: { type: 'log', label: 'error', grid: true, tickFormat: powerOfTen },
      marks: [
        Plot.line(lines, { ...axes, stroke: 'what', strokeWidth: 2 }),
        Plot.dot(lines, { ...axes, fill: 'what', r: 3 }),
      ],
    }),
  };
}
