import type { Mesh } from '@grad/fem';
import * as Plot from '@observablehq/plot';
import { drawPlot, ink } from './plot.ts';

/** What a picture of a mesh shows. */
export interface MeshPlotOptions {
  /** One number for each element. */
  readonly values: ArrayLike<number>;
  /** Values at the ends of the colours. */
  readonly domain: readonly [number, number];
  /** What of the plane is shown; all when left out. */
  readonly window?: {
    readonly x: readonly [number, number];
    readonly y: readonly [number, number];
  };
  readonly scheme?: Plot.ColorScheme;
  /** Whether edges are drawn. */
  readonly edges?: boolean;
}

/** A mesh, each element in the colour of its value. */
export function drawMesh(mesh: Mesh, options: MeshPlotOptions): string {
  const { values, domain, window, scheme = 'viridis', edges = true } = options;
  const size = mesh.element === 't3' ? 3 : 4;
  const places = mesh.vertices.read((xy) => Float64Array.from(xy));
  const inside = ({ x, y }: { x: number; y: number }): boolean =>
    window === undefined ||
    (x >= window.x[0] && x <= window.x[1] && y >= window.y[0] && y <= window.y[1]);
  const corners = Array.from({ length: mesh.elements.length / size }, (_, element) =>
    Array.from(mesh.elements.subarray(element * size, (element + 1) * size), (vertex) => ({
      element,
      x: places[2 * vertex] ?? 0,
      y: places[2 * vertex + 1] ?? 0,
      value: values[element] ?? 0,
    })),
  )
    .filter((list) => list.some(inside))
    .flat();
  return drawPlot({
    width: 640,
    height: 480,
    aspectRatio: 1,
    x: { label: null, ...(window && { domain: [...window.x] }) },
    y: { label: null, ...(window && { domain: [...window.y] }) },
    color: { type: 'linear', scheme, domain: [...domain], clamp: true },
    marks: [
      Plot.line(corners, {
        x: 'x',
        y: 'y',
        z: 'element',
        fill: 'value',
        curve: 'linear-closed',
        clip: true,
        stroke: edges ? ink.paper : 'none',
        strokeWidth: 0.4,
      }),
    ],
  });
}
