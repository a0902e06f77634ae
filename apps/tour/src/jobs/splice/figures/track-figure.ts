import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink } from '../../../plot.ts';
import { isKnown, type Scan } from '../scan-fasta.ts';

/** Most sites that a track shows. */
const shown = 400;

/** The likeliest sites along the first sequence. */
export function trackFigure(scan: Scan): Figure {
  const { records, sites, path } = scan;
  const [record] = records;
  const here = sites.filter((site) => site.record === record?.id && site.score > 0).slice(0, shown);
  const bars = here.map(({ site, strand, position, score }) => ({
    position,
    way: `${site}, ${strand} strand`,
    height: strand === '+' ? score : -score,
  }));
  const known = here.flatMap((site, i) => (isKnown(scan, site) ? bars.slice(i, i + 1) : []));
  return {
    wide: true,
    title: 'Sites along the sequence',
    caption: `Places of ${record?.id ?? path} that rather look like a splice site than not, ${shown} at most: evidence in nats, upwards on the strand as given, downwards on the other one.${known.length > 0 ? ' Circles are sites that the file annotates.' : ''}`,
    svg: drawPlot({
      width: 1080,
      color: {
        domain: ['donor, + strand', 'acceptor, + strand', 'donor, - strand', 'acceptor, - strand'],
        range: [ink.second, ink.third, ink.target, ink.fourth],
        legend: true,
      },
      x: { label: 'position', domain: [1, record?.sequence.length ?? 1] },
      y: { label: 'evidence', grid: true },
      marks: [
        Plot.ruleX(bars, { x: 'position', y1: 0, y2: 'height', stroke: 'way', strokeWidth: 1.5 }),
        Plot.dot(bars, { x: 'position', y: 'height', fill: 'way', r: 2.5 }),
        Plot.dot(known, { x: 'position', y: 'height', stroke: ink.text, strokeWidth: 1.5, r: 5 }),
        Plot.ruleY([0], { stroke: ink.text }),
      ],
    }),
  };
}
