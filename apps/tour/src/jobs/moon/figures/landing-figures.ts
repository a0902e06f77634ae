import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import type { Landing, LandingPoint } from '../model.ts';
import { colors, drawPanels, type Panel } from './panels.ts';

/** Two landings, of which the first is drawn as lines and the second as dots. */
export type Pair = readonly [indirect: Landing, collocation: Landing];

/** Height, speed, mass and thrust over time. */
export function trajectoryFigure(pair: Pair): Figure {
  return {
    wide: true,
    title: 'The landing',
    caption:
      'Height, speed (upwards), mass and thrust. Lines are the solution of Pontryagin’s equations, dots that of collocation. The dashed line is where the engine is switched on.',
    svg: drawPanels(
      [
        panel('height', pair, ({ state }) => state[0]),
        panel('speed', pair, ({ state }) => state[1]),
        panel('mass', pair, ({ state }) => state[2]),
        panel('thrust', pair, ({ thrust }) => thrust, 'step-before'),
      ],
      [0, pair[0].finalTime],
    ),
  };
}

/** The costates over time. */
export function costateFigure(pair: Pair): Figure {
  return {
    wide: true,
    title: 'Costates',
    caption:
      'The derivatives of the least cost, minus the mass at the end, in height, speed and mass. Dots are sums of multipliers of the minimization, lines the solution of the adjoint equations.',
    svg: drawPanels(
      [
        { ...panel('of height', pair, ({ costate }) => costate[0]), zero: true },
        { ...panel('of speed', pair, ({ costate }) => costate[1]), zero: true },
        { ...panel('of mass', pair, ({ costate }) => costate[2]), zero: true },
      ],
      [0, pair[0].finalTime],
    ),
  };
}

/** The switching function and the Hamiltonian over time. */
export function principleFigure(pair: Pair): Figure {
  const zero = Plot.ruleY([0], { stroke: ink.text });
  const [first, second] = [
    panel('switching function dH/dT', pair, ({ switching }) => switching),
    hamiltonianPanel(pair),
  ];
  return {
    wide: true,
    title: 'Switching function and Hamiltonian',
    caption:
      'The engine is off while the switching function is positive, and full while it is negative. Below, the absolute value of the Hamiltonian, which should be 0, on a scale of powers of ten.',
    svg: drawPanels([{ ...first, marks: [zero, ...first.marks] }, second], [0, pair[0].finalTime]),
  };
}

/** Speed against height. */
export function phaseFigure([{ points, switchTime }]: Pair): Figure {
  const data = points.map(({ time, state: [height, speed] }) => ({ time, height, speed }));
  const axes = { x: 'speed', y: 'height', strokeWidth: 2.5 } as const;
  const on = data.find(({ time }) => Math.abs(time - switchTime) < 1e-9);
  return {
    wide: true,
    title: 'Height by speed',
    caption:
      'Falling freely (grey), then braking at full thrust (blue) along the curve from which the craft just comes to rest on the ground.',
    svg: drawPlot({
      width: 1080,
      height: 320,
      x: { label: 'speed' },
      y: { label: 'height', grid: true, zero: true },
      marks: [
        Plot.line(
          data.filter(({ time }) => time <= switchTime + 1e-9),
          { ...axes, stroke: ink.soft },
        ),
        Plot.line(
          data.filter(({ time }) => time >= switchTime - 1e-9),
          { ...axes, stroke: ink.third },
        ),
        Plot.dot(on ? [on] : [], { ...axes, fill: ink.second, r: 5 }),
        Plot.text(on ? [{ ...on, text: 'engine on' }] : [], {
          x: 'speed',
          y: 'height',
          text: 'text',
          dx: 14,
          dy: 8,
          textAnchor: 'start',
          fill: ink.text,
        }),
      ],
    }),
  };
}

function panel(
  label: string,
  pair: Pair,
  value: (point: LandingPoint) => number,
  curve: 'linear' | 'step-before' = 'linear',
): Panel {
  const [line, dots] = pair.map(({ points }) =>
    points.map((point) => ({ time: point.time, value: value(point) })),
  );
  const axes = { x: 'time', y: 'value' } as const;
  return {
    label,
    marks: [
      Plot.ruleX([pair[0].switchTime], { stroke: ink.soft, strokeDasharray: '4 4' }),
      Plot.line(line ?? [], { ...axes, curve, stroke: () => 'indirect', strokeWidth: 2 }),
      Plot.dot(dots ?? [], { ...axes, fill: () => 'collocation', r: 2.5 }),
    ],
  };
}

function hamiltonianPanel(pair: Pair): Panel {
  const floor = 1e-17;
  const axes = { x: 'time', y: 'exponent' } as const;
  const dots = pair.flatMap(({ name, points }) =>
    points.map(({ time, hamiltonian }) => ({
      time,
      name,
      exponent: Math.log10(Math.max(floor, Math.abs(hamiltonian))),
    })),
  );
  return {
    label: 'power of ten of |H|',
    marks: [
      Plot.ruleX([pair[0].switchTime], { stroke: ink.soft, strokeDasharray: '4 4' }),
      ...Object.keys(colors).map((name) =>
        Plot.line(
          dots.filter((dot) => dot.name === name),
          { ...axes, stroke: 'name' },
        ),
      ),
      Plot.dot(dots, { ...axes, fill: 'name', r: 2.5 }),
    ],
  };
}
