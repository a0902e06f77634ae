import type { Tensor } from '@grad/core';
import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import { cells, extent } from './basin.ts';
import { cellValues } from './cell-values.ts';
import type { Place } from './places.ts';

interface NamedState {
  readonly name: string;
  readonly state: Tensor;
}

interface FieldsFigureOptions {
  readonly title: string;
  readonly caption: string;
  readonly places: readonly Place[];
}

/** A range that is no single point. */
function rangeOf(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return high - low > 1 ? [low, high] : [low - 0.5, high + 0.5];
}

/** Maps of depth and flow side by side; where the first is the truth, errors of the others below. */
export function fieldsFigure(
  maps: readonly NamedState[],
  { title, caption, places }: FieldsFigureOptions,
): Figure {
  const sites = [...new Map(places.map(({ x, y }) => [`${x} ${y}`, { x, y }])).values()];
  const depths = maps.flatMap(({ state }) => cellValues(state).map(({ h }) => h));
  const depthColors = { domain: rangeOf(depths), scheme: 'YlGnBu' } as const;
  const panels = maps.map(
    ({ name, state }) =>
      fieldMap(state, depthColors, sites) + ramp(depthColors, `${name}: depth, m`),
  );
  const [truth, ...others] = maps;
  const errors =
    truth?.name === 'truth'
      ? others.map(({ name, state }) => ({ name, state: state.sub(truth.state) }))
      : [];
  const most = Math.max(
    0,
    ...errors.flatMap(({ state }) => cellValues(state).map(({ h }) => Math.abs(h))),
  );
  const errorColors = { domain: [-most, most], scheme: 'RdBu' } as const;
  const below = errors.map(
    ({ name, state }) =>
      errorMap(state, errorColors, sites) + ramp(errorColors, `${name} − truth: depth, m`),
  );
  const blank = errors.length > 0 ? [''] : [];
  return {
    wide: true,
    title,
    caption,
    svg:
      `<div style="display:grid;grid-template-columns:repeat(${maps.length},1fr);gap:1rem">` +
      [...panels, ...blank, ...below].map((panel) => `<div>${panel}</div>`).join('') +
      '</div>',
  };
}

const frame = {
  width: 360,
  height: 380,
  marginLeft: 44,
  marginRight: 12,
  marginTop: 28,
  x: { label: null, domain: [0, extent], ticks: 4 },
  y: { label: '↑ km', domain: [0, extent], ticks: 4, labelArrow: 'none' as const },
};

type Site = { readonly x: number; readonly y: number };

const dots = (sites: readonly Site[]) =>
  Plot.dot(sites, {
    x: 'x',
    y: 'y',
    r: 2,
    stroke: ink.text,
    strokeOpacity: 0.6,
    strokeWidth: 0.75,
  });

interface Colors {
  readonly domain: readonly [number, number];
  readonly scheme: Plot.ColorScheme;
}

function fieldMap(state: Tensor, colors: Colors, sites: readonly Site[]): string {
  const values = cellValues(state);
  const every = 2;
  const arrows = values.filter((_, k) => k % every === 0 && Math.floor(k / cells) % every === 0);
  return drawPlot({
    ...frame,
    color: { type: 'linear', scheme: colors.scheme, domain: [...colors.domain] },
    length: { domain: [0, 20], range: [0, 24], clamp: true },
    marks: [
      contours(values, colors),
      dots(sites),
      Plot.vector(arrows, {
        x: 'x',
        y: 'y',
        length: ({ u, v }: Flow) => Math.hypot(u, v),
        rotate: ({ u, v }: Flow) => (Math.atan2(u, v) * 180) / Math.PI,
        stroke: 'black',
        strokeWidth: 1,
      }),
    ],
  });
}

type Flow = { readonly u: number; readonly v: number };

function errorMap(state: Tensor, colors: Colors, sites: readonly Site[]): string {
  return drawPlot({
    ...frame,
    color: { type: 'linear', scheme: colors.scheme, domain: [...colors.domain] },
    marks: [contours(cellValues(state), colors), dots(sites)],
  });
}

const bands = 15;

/** Lower ends of the bands of color. */
const thresholds = ([low, high]: readonly [number, number]): number[] =>
  Array.from({ length: bands }, (_, i) => low + ((high - low) * i) / bands);

/** Filled bands of depth. */
function contours(values: readonly { h: number }[], { domain }: Colors): Plot.Markish {
  return Plot.contour(
    values.map(({ h }) => h),
    {
      width: cells,
      height: cells,
      x1: 0,
      y1: 0,
      x2: extent,
      y2: extent,
      fill: Plot.identity,
      thresholds: thresholds(domain),
      stroke: 'none',
    },
  );
}

/** What the colors mean. */
function ramp({ domain, scheme }: Colors, label: string): string {
  const width = (domain[1] - domain[0]) / bands;
  const steps = thresholds(domain).map((low) => ({ low, high: low + width }));
  return drawPlot({
    width: frame.width,
    height: 52,
    marginTop: 4,
    marginLeft: frame.marginLeft,
    marginRight: frame.marginRight,
    marginBottom: 34,
    x: { label, labelAnchor: 'center', labelArrow: 'none', ticks: 5 },
    y: { axis: null },
    color: { type: 'linear', scheme, domain: [...domain] },
    marks: [Plot.rectX(steps, { x1: 'low', x2: 'high', fill: 'low', y1: 0, y2: 1 })],
  });
}
