import * as Plot from '@observablehq/plot';
import type { Figure } from '../../../job.ts';
import { drawPlot, ink, powerOfTen } from '../../../plot.ts';
import type { Profile } from '../profile.ts';

/** Numbers by layer on a logarithmic scale, each divided by its first or last one. */
export function profileFigure(
  { title, caption, label }: { title: string; caption: string; label: string },
  profiles: readonly Profile[],
  numbersOf: (profile: Profile) => readonly number[],
  relativeTo: 'first' | 'last',
): Figure {
  const points = profiles.flatMap((profile) => {
    const numbers = numbersOf(profile);
    const unit = numbers.at(relativeTo === 'first' ? 0 : -1) ?? 1;
    return numbers.map((number, layer) => ({
      name: profile.name,
      layer,
      share: Math.max(number / unit, least),
    }));
  });
  return {
    title,
    caption,
    svg: drawPlot({
      color: {
        domain: profiles.map(({ name }) => name),
        range: [ink.first, ink.second, ink.third, ink.fourth],
        legend: true,
      },
      x: { label: 'layer' },
      y: { type: 'log', label, grid: true, ticks: powers(points), tickFormat: powerOfTen },
      marks: [
        Plot.line(points, { x: 'layer', y: 'share', stroke: 'name', z: 'name', strokeWidth: 2 }),
        Plot.dot(points, { x: 'layer', y: 'share', fill: 'name', r: 2 }),
      ],
    }),
  };
}

/** Powers of ten to mark, about eight of them. */
function powers(points: readonly { readonly share: number }[]): number[] {
  const logs = points.map(({ share }) => Math.log10(share));
  const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
  const step = Math.max(1, Math.ceil((high - low) / 8));
  return Array.from(
    { length: Math.floor((high - low) / step) + 1 },
    (_, k) => 10 ** (high - k * step),
  );
}

/** What is smaller is drawn as this: 0 has no logarithm. */
const least = 1e-30;
