import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';

/** Effects of all mutations of a window, as a map. */
export function mutationFigure(sequence: string, effects: readonly (readonly number[])[]): Figure {
  const cells = effects.flatMap((row, k) =>
    row.map((effect, b) => ({ place: k, base: 'ACGT'.charAt(b), effect })),
  );
  const most = Math.max(...cells.map(({ effect }) => Math.abs(effect)), 1e-9);
  const letters = [...sequence].map((letter, place) => ({ letter, place }));
  return {
    wide: true,
    title: 'Every mutation',
    caption: `What each change of one base does to the evidence for a donor: from ${most.toFixed(1)} nats less, deep red, to ${most.toFixed(1)} more, deep blue. Above, the bases as they are; the intron begins in the middle.`,
    svg: drawPlot({
      width: 1080,
      height: 200,
      marginTop: 30,
      color: {
        type: 'diverging',
        scheme: 'rdbu',
        domain: [-most, most],
      },
      x: { type: 'band', axis: null },
      y: { type: 'band', label: null, domain: [...'ACGT'] },
      marks: [
        Plot.cell(cells, { x: 'place', y: 'base', fill: 'effect', inset: 0.5 }),
        Plot.text(letters, {
          x: 'place',
          text: 'letter',
          frameAnchor: 'top',
          dy: -14,
          fill: ink.text,
          fontWeight: 'bold',
        }),
      ],
    }),
  };
}
