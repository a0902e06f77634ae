import { tensor } from '@grad/core';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { basin, cells, extent } from '../src/jobs/weather/water/basin.ts';
import { twinCase } from '../src/jobs/weather/water/case.ts';
import { cellValues } from '../src/jobs/weather/water/cell-values.ts';
import { fieldsFigure } from '../src/jobs/weather/water/fields-figure.ts';
import { observeAt } from '../src/jobs/weather/water/places.ts';

const width = extent / cells;
const grid = (f: (y: number, x: number) => number): number[][] =>
  Array.from({ length: cells }, (_, j) => Array.from({ length: cells }, (_, i) => f(j, i)));

/** Fields that are linear in the place, where each stands in its cell. */
const linear = basin.state({
  h: grid((j, i) => 1000 + 2 * (i + 0.5) * width - (j + 0.5) * width),
  u: grid((j, i) => 3 * i * width + (j + 0.5) * width),
  v: grid((j, i) => (i + 0.5) * width - 4 * j * width),
});

test('places between points of the grid see fields interpolated, each from where it stands', () => {
  const [x, y] = [777, 1234];
  const seen = observeAt([
    { field: 'h', x, y },
    { field: 'u', x, y },
    { field: 'v', x, y },
  ])(linear).dataSync();
  expect(seen[0]).toBeCloseTo(1000 + 2 * x - y, 9);
  expect(seen[1]).toBeCloseTo(3 * x + y, 9);
  expect(seen[2]).toBeCloseTo(x - 4 * y, 9);
});

test('places at the rim see what is across it', () => {
  const h = grid((_, i) => (i === 0 ? 1100 : i === cells - 1 ? 900 : 1000));
  const zero = grid(() => 0);
  const state = basin.state({ h, u: zero, v: zero });
  const at = (x: number) =>
    observeAt([{ field: 'h', x, y: 10 }])(state)
      .at(0)
      .item();
  expect(at(0)).toBeCloseTo(1000, 10);
  expect(at(extent)).toBeCloseTo(1000, 10);
  expect(at(width / 2)).toBeCloseTo(1100, 10);
  expect(at(extent - width / 2)).toBeCloseTo(900, 10);
});

test('values in the middle of cells are means of what stands on their sides', () => {
  const value = cellValues(linear).find(({ x, y }) => x === 5.5 * width && y === 7.5 * width);
  const [x, y] = [5.5 * width, 7.5 * width];
  expect(value?.h).toBeCloseTo(1000 + 2 * x - y, 9);
  expect(value?.u).toBeCloseTo(3 * x + y, 9);
  expect(value?.v).toBeCloseTo(x - 4 * y, 9);
});

test('the made-up weather is nearly balanced, and the same every time', () => {
  const { truth, background } = twinCase();
  expect(twinCase().background.toArray()).toEqual(background.toArray());
  if (truth === undefined) throw new Error('a twin experiment has a truth');
  const { h, u } = basin.fields(truth);
  expect(Math.abs(h.mean().item() - 1000)).toBeLessThan(20);
  expect(u.abs().max().item()).toBeGreaterThan(3);
  expect(u.abs().max().item()).toBeLessThan(40);
});

test('maps have a panel for each state, and errors where the truth is known', () => {
  const state = tensor(linear.dataSync());
  const places = [{ field: 'h', x: 100, y: 200 } as const, { field: 'u', x: 100, y: 200 } as const];
  const draw = (names: readonly string[]) => {
    const maps = names.map((name, k) => ({ name, state: state.add(k) }));
    const { svg } = fieldsFigure(maps, { title: 't', caption: 'c', places });
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const { document } = parseHTML(`<!doctype html><html><body>${svg}</body></html>`);
    return [...document.querySelectorAll('g[aria-label="contour"]')].length;
  };
  expect(draw(['truth', 'background', 'analysis'])).toBe(5);
  expect(draw(['background', 'analysis'])).toBe(2);
});
