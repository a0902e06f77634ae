import { styleText } from 'node:util';
import { type ColumnUserConfig, getBorderCharacters, table } from 'table';
import { formatRow, rowTitles } from './format-row.ts';
import type { Listing } from './job.ts';
import type { Row, Verdict } from './row.ts';

const longestWords = 46;

/** The rows of a job as a table for a terminal; `color` says whether it shows colours. */
export function printRows(rows: readonly Row[], color: boolean): string {
  const cells = rows.map((row) => {
    const formatted = formatRow(row);
    return rowTitles.map((title) =>
      title === 'verdict' ? paint(formatted.verdict, color) : formatted[title],
    );
  });
  return draw([[...rowTitles], ...cells], ['what', 'verdict']);
}

/** A listing as a table for a terminal. */
export function printListing({ title, columns, rows }: Listing): string {
  return `${title}\n${draw([[...columns], ...rows.map((row) => [...row])], columns.slice(0, 1))}`;
}

const marks: Readonly<Record<Verdict, { text: string; style: 'green' | 'red' | 'dim' }>> = {
  met: { text: 'met', style: 'green' },
  missed: { text: 'MISSED', style: 'red' },
  none: { text: '', style: 'dim' },
};

function paint(verdict: Verdict, color: boolean): string {
  const { text, style } = marks[verdict];
  return color && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}

function draw(cells: readonly (readonly string[])[], leftTitles: readonly string[]): string {
  const titles = cells[0] ?? [];
  const columns = titles.map((title, index): ColumnUserConfig => {
    const alignment = leftTitles.includes(title) ? 'left' : 'right';
    const width = Math.max(...cells.map((row) => row[index]?.length ?? 0));
    return width > longestWords
      ? { alignment, width: longestWords, wrapWord: true }
      : { alignment };
  });
  return table(
    cells.map((row) => [...row]),
    {
      border: getBorderCharacters('norc'),
      columns,
      drawHorizontalLine: (index, size) => index === 0 || index === 1 || index === size,
    },
  );
}
