import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationNodeDatum,
} from 'd3-force';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What to lay out: circles, and pairs of them that attract each other. */
export interface Network {
  readonly radii: readonly number[];
  readonly pairs: readonly (readonly [number, number])[];
}

const rounds = 400;

/**
 * Places circles so that linked ones are near and none overlap, then fits them into a rectangle.
 * The same network is always laid out the same way.
 */
export function layOut({ radii, pairs }: Network, width: number, height: number): Point[] {
  const nodes: SimulationNodeDatum[] = radii.map((_, index) => ({ index }));
  const links = pairs.map(([source, target]) => ({ source, target }));
  forceSimulation(nodes)
    .force('charge', forceManyBody().strength(-260))
    .force('link', forceLink(links).distance(60))
    .force('x', forceX().strength(0.05))
    .force('y', forceY().strength(0.09))
    .force(
      'collide',
      forceCollide((_, index) => (radii[index] ?? 0) + 8),
    )
    .stop()
    .tick(rounds);
  const margin = Math.max(...radii) + 8;
  const x = fit(
    nodes.map((node) => node.x ?? 0),
    margin,
    width - margin,
  );
  const y = fit(
    nodes.map((node) => node.y ?? 0),
    margin,
    height - margin,
  );
  return nodes.map((node) => ({ x: x(node.x ?? 0), y: y(node.y ?? 0) }));
}

/** The linear map that takes the range of `values` to an interval. */
function fit(values: readonly number[], low: number, high: number): (value: number) => number {
  const least = Math.min(...values);
  const span = Math.max(...values) - least;
  return (value) => (span === 0 ? (low + high) / 2 : low + ((value - least) / span) * (high - low));
}
