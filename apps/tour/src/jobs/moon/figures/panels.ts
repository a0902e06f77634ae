import type { Markish } from '@observablehq/plot';
import { drawPlot, ink } from '../../../plot.ts';

/** One of several curves above each other that share their times. */
export interface Panel {
  readonly label: string;
  readonly marks: readonly Markish[];
  /** Whether 0 is in sight, so that small differences stay small. */
  readonly zero?: boolean;
}

/** Colours of the methods. */
export const colors = { indirect: ink.third, collocation: ink.second } as const;

/** Panels above each other; the first has the legend, the last the times. */
export function drawPanels(
  panels: readonly Panel[],
  [start, end]: readonly [number, number],
): string {
  return panels
    .map(({ label, marks, zero = false }, i) => {
      const [first, last] = [i === 0, i === panels.length - 1];
      return drawPlot({
        width: 1080,
        height: last ? 188 : 160,
        marginTop: 22,
        marginRight: 24,
        marginLeft: 64,
        marginBottom: last ? 40 : 12,
        color: {
          domain: Object.keys(colors),
          range: Object.values(colors),
          legend: first,
        },
        x: { domain: [start, end], label: last ? 'time' : null, axis: last ? 'bottom' : null },
        y: { label, grid: true, nice: true, ticks: 4, zero },
        marks: [...marks],
      });
    })
    .join('');
}
