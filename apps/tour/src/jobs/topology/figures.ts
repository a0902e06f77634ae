import type { Mesh } from '@grad/fem';
import * as Plot from '@observablehq/plot';
import type { Figure } from '../../job.ts';
import { drawMesh } from '../../mesh-plot.ts';
import { drawPlot, ink } from '../../plot.ts';

/** Densities of the elements, white to black. */
export function densityFigure(title: string, mesh: Mesh, densities: Float64Array): Figure {
  return {
    title,
    caption:
      'Half of the beam, empty (white) to full (black); its middle is on the left, its support at the lower right.',
    wide: true,
    svg: drawMesh(mesh, {
      values: densities,
      domain: [0, 1],
      scheme: 'greys',
      edges: false,
    }),
  };
}

/** Compliance by iteration. */
export function complianceFigure(history: readonly number[]): Figure {
  const points = history.map((compliance, k) => ({ iteration: k + 1, compliance }));
  return {
    title: 'Compliance by iteration',
    caption:
      'Small steps up come from the filter: it changes the derivative, and so what is minimized.',
    svg: drawPlot({
      x: { label: 'iteration' },
      y: { type: 'log', label: 'compliance', grid: true, ticks: 5 },
      marks: [
        Plot.line(points, {
          x: 'iteration',
          y: 'compliance',
          stroke: ink.third,
          strokeWidth: 2,
        }),
      ],
    }),
  };
}
