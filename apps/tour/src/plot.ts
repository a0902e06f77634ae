import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const { document } = parseHTML('<!doctype html><html></html>');

/**
 * Colours of the report's figures: CSS variables, so that a page in the dark can have its own.
 * The style sheet of the report defines them.
 */
export const ink = {
  first: 'var(--series-1)',
  second: 'var(--series-2)',
  third: 'var(--series-3)',
  fourth: 'var(--series-4)',
  target: 'var(--target)',
  soft: 'var(--soft)',
  text: 'var(--text)',
  paper: 'var(--paper)',
} as const;

/** Draws a plot without a browser. Returns the markup of an SVG, or of a figure with its legend. */
export function drawPlot(options: Plot.PlotOptions): string {
  const plot = Plot.plot({
    document,
    width: 640,
    height: 320,
    marginLeft: 56,
    marginBottom: 40,
    ...options,
    style: { fontSize: '12px', background: 'none', overflow: 'visible' },
  });
  return plot.outerHTML;
}

/** A tick label such as 10⁻⁵; empty for values between powers of ten. */
export function powerOfTen(value: number): string {
  const exponent = Math.log10(value);
  if (!Number.isInteger(exponent)) return '';
  return `10${[...String(exponent)].map((sign) => superscripts[sign] ?? sign).join('')}`;
}

const superscripts: Readonly<Record<string, string>> = {
  '-': '⁻',
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
};
