import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import type { LinkGraph } from '../link-graph.ts';
import { strongestLinks, topPages } from '../sensitivity.ts';
import { layOut, type Point } from './network-layout.ts';
import { shortLabel } from './short-label.ts';

const width = 1080;
const height = 600;
const mostPages = 40;

interface Arrow {
  readonly from: Point;
  readonly to: Point;
  readonly derivative: number;
  readonly title: string;
}

/** The graph, or the part of it that matters most to the target, with the effect of each link. */
export function networkFigure(
  graph: LinkGraph,
  scores: Float64Array,
  derivatives: Float64Array,
  target: number,
): Figure {
  const pages = shownPages(graph, scores, derivatives, target);
  const places = new Map(pages.map((page, place) => [page, place]));
  const shown = Array.from(graph.from, (_, link) => link).filter(
    (link) =>
      places.has(graph.from[link] ?? -1) &&
      places.has(graph.to[link] ?? -1) &&
      graph.from[link] !== graph.to[link],
  );
  const best = Math.max(...pages.map((page) => scores[page] ?? 0));
  const radii = pages.map((page) => 6 + 16 * Math.sqrt((scores[page] ?? 0) / best));
  const pairs = shown.map(
    (link) =>
      [places.get(graph.from[link] ?? 0) ?? 0, places.get(graph.to[link] ?? 0) ?? 0] as const,
  );
  const points = layOut({ radii, pairs }, width, height);
  const steepest = Math.max(
    Number.MIN_VALUE,
    ...shown.map((link) => Math.abs(derivatives[link] ?? 0)),
  );
  const strength = (derivative: number) => Math.sqrt(Math.abs(derivative) / steepest);
  const label = (page: number | undefined) => graph.labels[page ?? 0] ?? '';
  const origin: Point = { x: 0, y: 0 };
  const arrowsInto = (place: number): Arrow[] =>
    shown.flatMap((link, index) => {
      const [source, end] = pairs[index] ?? [0, 0];
      if (end !== place) return [];
      const derivative = derivatives[link] ?? 0;
      return {
        from: points[source] ?? origin,
        to: points[end] ?? origin,
        derivative,
        title: `${label(graph.from[link])} → ${label(graph.to[link])}: ${derivative.toExponential(3)}`,
      };
    });
  const svg = drawPlot({
    width,
    height,
    margin: 0,
    axis: null,
    x: { type: 'identity' },
    y: { type: 'identity' },
    color: {
      domain: ['raises the score', 'lowers the score'],
      range: [ink.third, ink.second],
      legend: true,
    },
    marks: [
      // One mark for each page, because the gap in front of the arrowhead is the page's radius.
      ...radii.map((radius, place) =>
        Plot.arrow(arrowsInto(place), {
          x1: (arrow: Arrow) => arrow.from.x,
          y1: (arrow: Arrow) => arrow.from.y,
          x2: (arrow: Arrow) => arrow.to.x,
          y2: (arrow: Arrow) => arrow.to.y,
          bend: 14,
          headLength: 6,
          insetEnd: radius + 1,
          stroke: (arrow: Arrow) =>
            arrow.derivative > 0 ? 'raises the score' : 'lowers the score',
          strokeWidth: (arrow: Arrow) => 0.5 + 3 * strength(arrow.derivative),
          strokeOpacity: (arrow: Arrow) => 0.15 + 0.8 * strength(arrow.derivative),
          title: (arrow: Arrow) => arrow.title,
        }),
      ),
      Plot.dot(pages, {
        x: (_, place) => points[place]?.x,
        y: (_, place) => points[place]?.y,
        r: (_, place) => radii[place],
        fill: (page: number) => (page === target ? ink.target : ink.paper),
        stroke: ink.text,
        strokeWidth: 1.25,
        title: (page: number) => `${label(page)}: ${(scores[page] ?? 0).toPrecision(6)}`,
      }),
      Plot.text(pages, {
        x: (_, place) => points[place]?.x,
        y: (page: number, place) =>
          (points[place]?.y ?? 0) - (isLong(label(page)) ? (radii[place] ?? 0) + 8 : 0),
        text: (page: number) => shortLabel(label(page)),
        fontSize: 10,
        fontWeight: 600,
        fill: ink.text,
        stroke: (page: number) =>
          page === target && !isLong(label(page)) ? ink.target : ink.paper,
        strokeWidth: 3,
        pointerEvents: 'none',
      }),
    ],
    r: { type: 'identity' },
    opacity: { type: 'identity' },
  });
  const part =
    pages.length === graph.labels.length
      ? 'All pages and links'
      : `The ${pages.length} pages that matter most, and the links among them`;
  return {
    svg,
    wide: true,
    title: `Which links make the score of ${label(target)}`,
    caption:
      `${part}. The area of a circle grows with its page's score; the filled one is the target. ` +
      "The wider an arrow, the larger the derivative of the target's score with respect to the weight of that link.",
  };
}

/** Long names stand above their circle, short ones in it. */
function isLong(label: string): boolean {
  return label.length > 3;
}

/** The target, the ends of its ten strongest links, and the best pages, up to a readable number. */
function shownPages(
  graph: LinkGraph,
  scores: Float64Array,
  derivatives: Float64Array,
  target: number,
): number[] {
  const ends = strongestLinks(graph, derivatives, 10).flatMap(({ from, to }) => [from, to]);
  const order = new Set([target, ...ends, ...topPages(scores, mostPages)]);
  return [...order].slice(0, mostPages);
}
