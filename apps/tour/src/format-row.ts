import { difference, type Row, type Verdict, verdict } from './row.ts';

/** The cells of a row as text, for the terminal and for the page. */
export interface FormattedRow {
  readonly what: string;
  readonly result: string;
  readonly reference: string;
  readonly difference: string;
  readonly allowed: string;
  readonly verdict: Verdict;
  readonly seconds: string;
}

/** Column titles, in order. */
export const rowTitles = [
  'what',
  'result',
  'reference',
  'difference',
  'allowed',
  'verdict',
  'seconds',
] as const;

export function formatRow(row: Row): FormattedRow {
  const off = difference(row);
  return {
    what: row.what,
    result: formatResult(row),
    reference: formatReference(row),
    difference: off === undefined ? '' : short(off),
    allowed: formatAllowed(row),
    verdict: verdict(row),
    seconds: row.seconds === undefined ? '' : Number(row.seconds.toPrecision(2)).toString(),
  };
}

/** A number to about seven digits, for values that nothing was published for. */
function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e7 ? value.toPrecision(7) : value.toExponential(5);
}

function short(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}

function formatResult({ result, reference }: Row): string {
  switch (reference?.kind) {
    case 'published':
      return reference.text.includes('e')
        ? result.toExponential(reference.decimals)
        : result.toFixed(reference.decimals);
    case 'exact':
      return Number(result.toPrecision(15)).toString();
    case 'atMost':
      return reference.limit < 0.01 ? short(result) : formatNumber(result);
    case 'atLeast':
    case undefined:
      return formatNumber(result);
  }
}

function formatReference({ reference }: Row): string {
  switch (reference?.kind) {
    case 'published':
      return reference.text;
    case 'exact':
      return String(reference.value);
    case 'atMost':
    case 'atLeast':
    case undefined:
      return '';
  }
}

function formatAllowed({ reference }: Row): string {
  switch (reference?.kind) {
    case 'published':
    case 'exact':
      return short(reference.tolerance);
    case 'atMost':
      return `≤ ${reference.limit < 0.01 ? short(reference.limit) : reference.limit}`;
    case 'atLeast':
      return `≥ ${reference.limit}`;
    case undefined:
      return '';
  }
}
