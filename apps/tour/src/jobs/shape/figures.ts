import type { Mesh, ShapeIteration } from '@grad/fem';
import * as Plot from '@observablehq/plot';
import type { Figure } from '../../job.ts';
import { drawMesh } from '../../mesh-plot.ts';
import { drawPlot, ink, powerOfTen } from '../../plot.ts';
import type { PlateStresses } from './plate.ts';

/** A plate at one time. */
export interface Stage {
  readonly mesh: Mesh;
  readonly stresses: PlateStresses;
}

/** The mesh near the hole, in the colours of its stress. */
export function plateFigure(title: string, { mesh, stresses }: Stage, reach: number): Figure {
  const peak = Math.max(...stresses.hoop);
  return {
    title,
    caption: `Von Mises' stress in the elements near the hole, from 1 (dark) to 5 (bright); along its edge the stress is between ${Math.min(...stresses.hoop).toFixed(3)} and ${peak.toFixed(3)}.`,
    svg: drawMesh(mesh, {
      values: stresses.vonMises,
      domain: [1, 5],
      window: { x: [0, reach], y: [0, reach] },
    }),
  };
}

/** The stress along the hole before and after. */
export function hoopFigure(before: Stage, after: Stage): Figure {
  const along = ({ mesh, stresses }: Stage, stage: string) => {
    const edges = mesh.boundary['hole'] ?? new Int32Array();
    const xy = mesh.vertices.read((data) => Float64Array.from(data));
    return Array.from(stresses.hoop, (stress, k) => {
      const [a, b] = [edges[2 * k] ?? 0, edges[2 * k + 1] ?? 0];
      const middle = (c: number): number => ((xy[2 * a + c] ?? 0) + (xy[2 * b + c] ?? 0)) / 2;
      return { angle: (Math.atan2(middle(1), middle(0)) * 180) / Math.PI, stress, stage };
    }).sort((p, q) => p.angle - q.angle);
  };
  const [first, last] = [along(before, 'before'), along(after, 'after')];
  const axes = { x: 'angle', y: 'stress' } as const;
  return {
    title: 'Stress along the hole',
    caption:
      'Before (dots, orange) and after (line). Dashed: 5, the peak around a circle, and 3, that around the best ellipse.',
    svg: drawPlot({
      x: { label: 'angle from the x axis, degrees' },
      y: { label: 'stress', grid: true, domain: [0, 5.5] },
      marks: [
        Plot.ruleY([3, 5], { stroke: ink.soft, strokeDasharray: '5 4' }),
        Plot.dot(first, { ...axes, fill: ink.second, r: 2.5 }),
        Plot.line(last, { ...axes, stroke: ink.first, strokeWidth: 2 }),
      ],
    }),
  };
}

/** How the gradient fell. */
export function historyFigure(history: readonly ShapeIteration[]): Figure {
  const axes = { x: 'iteration', y: 'gradientNorm' } as const;
  const shown = history.filter(({ gradientNorm }) => gradientNorm > 0);
  return {
    title: 'Norm of the gradient by iteration',
    caption: 'The shape gradient at constant area, in the metric of the elastic mesh.',
    svg: drawPlot({
      x: { label: 'iteration', ticks: Math.min(10, history.length) },
      y: { type: 'log', label: 'norm', grid: true, tickFormat: powerOfTen, ticks: 5 },
      marks: [
        Plot.line(shown, { ...axes, stroke: ink.third, strokeWidth: 2 }),
        Plot.dot(shown, { ...axes, fill: ink.third, r: 3 }),
      ],
    }),
  };
}
