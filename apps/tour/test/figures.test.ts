import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import type { Figure } from '../src/job.ts';
import { effectsFigure } from '../src/jobs/pagerank/figures/effects-figure.ts';
import { networkFigure } from '../src/jobs/pagerank/figures/network-figure.ts';
import { layOut } from '../src/jobs/pagerank/figures/network-layout.ts';
import { residualFigure } from '../src/jobs/pagerank/figures/residual-figure.ts';
import { linkGraph } from '../src/jobs/pagerank/link-graph.ts';
import { strongestLinks, topPages } from '../src/jobs/pagerank/sensitivity.ts';
import { attractorFigure } from '../src/jobs/weather/lorenz63/figures/attractor-figure.ts';
import { convergenceFigure } from '../src/jobs/weather/lorenz63/figures/convergence-figure.ts';
import { departuresFigure } from '../src/jobs/weather/lorenz63/figures/departures-figure.ts';
import type { Run } from '../src/jobs/weather/lorenz63/figures/run.ts';
import { statesFigure } from '../src/jobs/weather/lorenz63/figures/states-figure.ts';
import { taylorFigure } from '../src/jobs/weather/lorenz63/figures/taylor-figure.ts';

function draw({ svg }: Figure) {
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  const { document } = parseHTML(`<!doctype html><html><body>${svg}</body></html>`);
  const all = (selector: string) => [...document.querySelectorAll(selector)];
  return { all, words: all('text, .swatch, figure span').map((node) => node.textContent) };
}

const runs: readonly Run[] = [
  {
    name: 'truth',
    states: [
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 6],
    ],
  },
  {
    name: 'analysis',
    states: [
      [1, 2, 3],
      [2, 3, 5],
      [3, 4, 5],
    ],
  },
];

test('the states have a panel for each component, a curve for each run, a bar for each observation', () => {
  const observations = [
    { step: 1, index: 0, value: 2.1, error: 0.5 },
    { step: 2, index: 2, value: 5.1, error: 0.5 },
  ];
  const { all, words } = draw(statesFigure(runs, observations, { dt: 0.5, window: 2 }));
  expect(all('svg[width="1080"]')).toHaveLength(3);
  expect(all('g[aria-label="line"] path')).toHaveLength(6);
  expect(all('g[aria-label="dot"] circle')).toHaveLength(2);
  for (const word of ['↑ x', '↑ y', '↑ z', 'time →', 'truth', 'analysis', 'observation']) {
    expect(words).toContain(word);
  }
});

test('the attractor has a curve and a first dot for each run, on labelled axes', () => {
  const { all, words } = draw(attractorFigure(runs));
  expect(all('g[aria-label="line"] path')).toHaveLength(2);
  expect(all('g[aria-label="dot"] circle')).toHaveLength(2);
  expect(words).toEqual(expect.arrayContaining(['x →', '↑ z']));
});

test('the convergence has two dots for each iteration, and leaves out what has no logarithm', () => {
  const iterations = [
    { cost: 70, gradientNorm: 200 },
    { cost: 7, gradientNorm: 1e-3 },
    { cost: 6, gradientNorm: 0 },
  ];
  const { all, words } = draw(convergenceFigure(iterations));
  expect(all('g[aria-label="dot"] circle')).toHaveLength(5);
  expect(words).toContain('10⁻²');
});

test('the Taylor check has one line without and one with the gradient', () => {
  const points = [1, 0.1, 0.01].map((h) => ({ h, zeroth: h, first: h * h }));
  const { all, words } = draw(taylorFigure(points));
  expect(all('g[aria-label="line"] path')).toHaveLength(2);
  expect(words).toContain('10⁻¹');
});

test('the departures have a dot each', () => {
  const { all } = draw(
    departuresFigure([
      { name: 'background', time: 0.1, departure: 3 },
      { name: 'analysis', time: 0.1, departure: -0.5 },
    ]),
  );
  expect(all('g[aria-label="dot"] circle')).toHaveLength(2);
});

const names = ['a', 'b', 'c', 'a long name & more <of it>'];
const graph = linkGraph(
  'test',
  [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 3],
  ].map(([from = 0, to = 0]) => ({ from: names[from] ?? '', to: names[to] ?? '', weight: 1 })),
  { undirected: false },
);
const scores = new Float64Array([0.1, 0.2, 0.3, 0.4]);
const derivatives = new Float64Array([0.01, -0.05, 0.02, 0]);

test('the network has a circle for each page and an arrow for each link to another page', () => {
  const { all, words } = draw(networkFigure(graph, scores, derivatives, 3));
  expect(all('circle')).toHaveLength(4);
  expect(all('g[aria-label="arrow"] path')).toHaveLength(3);
  expect(words).toEqual(expect.arrayContaining(['a', 'b', 'c', 'a long name & m…']));
  expect(all('title').map((node) => node.textContent)).toContain('b → c: -5.000e-2');
});

test('a large network is cut to the pages that matter, and says so', () => {
  const count = 200;
  const ring = Array.from({ length: count }, (_, page) => ({
    from: String(page),
    to: String((page + 1) % count),
    weight: 1,
  }));
  const large = linkGraph('ring', ring, { undirected: false });
  const even = new Float64Array(count).fill(1 / count);
  const effects = new Float64Array(count).fill(0.001);
  effects[150] = 1;
  const figure = networkFigure(large, even, effects, 77);
  const { all, words } = draw(figure);
  expect(all('circle')).toHaveLength(40);
  expect(words).toEqual(expect.arrayContaining(['77', '150', '151']));
  expect(figure.caption).toContain('The 40 pages that matter most');
});

test('a page on its own and a graph without any effect can be drawn', () => {
  const lonely = linkGraph('lonely', [{ from: 'a', to: 'a', weight: 1 }], { undirected: false });
  expect(
    draw(networkFigure(lonely, new Float64Array([1]), new Float64Array([0]), 0)).all('circle'),
  ).toHaveLength(1);
  const { all } = draw(networkFigure(graph, scores, new Float64Array(4), 0));
  expect(all('g[aria-label="arrow"] path')).toHaveLength(3);
});

test('circles are laid out inside the rectangle, in different places, and the same way every time', () => {
  const radii = [10, 20, 5, 5];
  const pairs = [
    [0, 1],
    [1, 2],
  ] as const;
  const points = layOut({ radii, pairs }, 400, 300);
  expect(layOut({ radii, pairs }, 400, 300)).toEqual(points);
  for (const [index, { x, y }] of points.entries()) {
    const radius = radii[index] ?? 0;
    expect(x).toBeGreaterThanOrEqual(radius);
    expect(x).toBeLessThanOrEqual(400 - radius);
    expect(y).toBeGreaterThanOrEqual(radius);
    expect(y).toBeLessThanOrEqual(300 - radius);
  }
  expect(new Set(points.map(({ x, y }) => `${x} ${y}`)).size).toBe(4);
});

test('the residuals stand beside the guaranteed rate', () => {
  const figure = residualFigure([1, 0.5, 0.25, 0], 0.85);
  const { all } = draw(figure);
  expect(all('g[aria-label="line"] path')).toHaveLength(2);
  expect(all('circle')).toHaveLength(3);
  expect(figure.caption).toContain('α = 0.85');
});

test('the strongest links come by magnitude, and earlier links first among equals', () => {
  expect(strongestLinks(graph, derivatives, 2).map(({ link }) => link)).toEqual([1, 2]);
  expect(strongestLinks(graph, new Float64Array(4), 4).map(({ link }) => link)).toEqual([
    0, 1, 2, 3,
  ]);
  const { all, words } = draw(effectsFigure(graph, strongestLinks(graph, derivatives, 3), 'd'));
  expect(all('g[aria-label="bar"] rect')).toHaveLength(3);
  expect(words).toContain('b → c');
});

test('the best pages come first', () => {
  expect(topPages(new Float64Array([0.1, 0.5, 0.4]), 2)).toEqual([1, 2]);
});
