import type { Figure } from '../../../job.ts';
import { ink } from '../../../plot.ts';
import type { Contribution } from '../contributions.ts';

/** One row of letters. */
export interface Logo {
  readonly title: string;
  /** The first place that is drawn, and the one after the last. */
  readonly range: readonly [from: number, to: number];
  readonly contribution: Contribution;
}

const colors = [ink.fourth, ink.third, ink.second, 'var(--bad)'];
const [width, left, step] = [1080, 64, 30];
const [plotHeight, gap] = [190, 74];
// Height of a capital letter in units of its font size, about the same in all sans-serif fonts.
const capital = 0.72;

/** Letters as high as what they contribute: those that speak against a site hang below the line. */
export function logoFigure(logos: readonly Logo[]): Figure {
  const heights = logos.flatMap(({ contribution, range }) =>
    contribution.letters.slice(...range).map((row) => [above(row), below(row)]),
  );
  const top = Math.max(...heights.map(([up = 0]) => up), 1e-9);
  const bottom = Math.max(...heights.map(([, down = 0]) => down), 0);
  const scale = plotHeight / (top + bottom);
  const total = logos.length * (plotHeight + gap);
  const rows = logos.map((logo, i) => drawLogo(logo, i * (plotHeight + gap) + 26, { top, scale }));
  return {
    wide: true,
    title: 'What it goes by',
    caption:
      'What each base contributes to the evidence for a site, by integrated gradients from unknown bases, as the mean over real sites that the network has not seen. Letters above the line speak for a site. Places are counted from the border: the intron is to the right of a donor, and to the left of an acceptor.',
    svg:
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" ` +
      `font-family="Arial, Helvetica, sans-serif" font-size="12" fill="${ink.text}">${rows.join('')}</svg>`,
  };
}

function above(row: readonly number[]): number {
  return row.reduce((sum, value) => sum + Math.max(0, value), 0);
}

function below(row: readonly number[]): number {
  return row.reduce((sum, value) => sum + Math.max(0, -value), 0);
}

function drawLogo(
  { title, range: [from, to], contribution }: Logo,
  y: number,
  { top, scale }: { top: number; scale: number },
): string {
  const line = y + top * scale;
  const half = contribution.letters.length / 2;
  const columns = contribution.letters.slice(from, to).map((row, k) => {
    const x = left + k * step;
    const place = from + k - half;
    const label = place < 0 ? String(place) : `+${place + 1}`;
    const letters = [...'ACGT'].map((letter, b) => ({
      letter,
      value: row[b] ?? 0,
      color: colors[b],
    }));
    // The largest stands farthest from the line.
    const sorted = letters.toSorted((a, b) => Math.abs(a.value) - Math.abs(b.value));
    let [up, down] = [line, line];
    const glyphs = sorted.map(({ letter, value, color }) => {
      const height = Math.abs(value) * scale;
      if (height < 0.5) return '';
      const base = value > 0 ? up : down + height;
      if (value > 0) up -= height;
      else down += height;
      return glyph(letter, { x: x + step / 2, base, height, color: color ?? ink.text });
    });
    return `${glyphs.join('')}<text x="${x + step / 2}" y="${y + plotHeight + 16}" text-anchor="middle" fill="${ink.soft}" font-size="10">${label}</text>`;
  });
  const border = left + (half - from) * step;
  const ticks = axisTicks(top).map((value) => {
    const at = line - value * scale;
    return `<text x="${left - 10}" y="${at + 4}" text-anchor="end" fill="${ink.soft}">${value}</text><path d="M${left - 6} ${at}h4" stroke="${ink.soft}"/>`;
  });
  const end = left + (to - from) * step;
  return (
    `<text x="${left}" y="${y - 10}" font-weight="bold">${title} (mean of ${contribution.count})</text>` +
    `<text x="${end}" y="${y - 10}" text-anchor="end" fill="${ink.soft}">nats</text>` +
    `<path d="M${left} ${line}H${end}" stroke="${ink.soft}"/>` +
    `<path d="M${border} ${y}V${y + plotHeight}" stroke="${ink.soft}" stroke-dasharray="3 4"/>` +
    ticks.join('') +
    columns.join('')
  );
}

function glyph(
  letter: string,
  { x, base, height, color }: { x: number; base: number; height: number; color: string },
): string {
  const size = 40;
  const stretch = height / (size * capital);
  return `<text transform="translate(${x.toFixed(1)} ${base.toFixed(1)}) scale(0.9 ${stretch.toFixed(4)})" font-size="${size}" font-weight="bold" text-anchor="middle" fill="${color}">${letter}</text>`;
}

function axisTicks(top: number): number[] {
  const rough = top / 3;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const gapOf = [1, 2, 5, 10].map((m) => m * unit).find((value) => value >= rough) ?? rough;
  return Array.from({ length: Math.floor(top / gapOf) + 1 }, (_, i) =>
    Number((i * gapOf).toPrecision(2)),
  );
}
