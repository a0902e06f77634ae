import { stripVTControlCharacters, styleText } from 'node:util';
import { type ColumnUserConfig, getBorderCharacters, table } from 'table';
import { formatRow, rowTitles } from './format-row.ts';
import type { Listing } from './job.ts';
import type { OutputStream } from './progress.ts';
import type { Row, Verdict } from './row.ts';

/** What a table needs to know of the place where it is shown. */
export type TableSpace = Pick<OutputStream, 'columns' | 'hasColors'>;

/** The rows of a job as a table for a terminal, or for a file. */
export function printRows(rows: readonly Row[], space: TableSpace): string {
  const color = space.hasColors?.() ?? false;
  const cells = rows.map((row) => {
    const formatted = formatRow(row);
    return rowTitles.map((title) =>
      title === 'verdict' ? paint(formatted.verdict, color) : formatted[title],
    );
  });
  return draw([[...rowTitles], ...cells], ['what', 'verdict'], wordsWidth(cells, space));
}

const [leastWords, mostWords] = [22, 46];

/** Width of the first column: what the terminal leaves of it. */
function wordsWidth(cells: readonly (readonly string[])[], { columns }: TableSpace): number {
  if (columns === undefined) return mostWords;
  const others = rowTitles
    .slice(1)
    .map((title, index) => widest([title, ...cells.map((row) => row[index + 1] ?? '')]) + 3);
  const left = columns - others.reduce((sum, width) => sum + width, 0) - 4;
  return Math.min(mostWords, Math.max(leastWords, left));
}

function widest(cells: readonly string[]): number {
  return Math.max(...cells.map((cell) => stripVTControlCharacters(cell).length));
}

/** A listing as a table for a terminal. */
export function printListing({ title, columns, rows }: Listing): string {
  return `${title}\n${draw([[...columns], ...rows.map((row) => [...row])], columns.slice(0, 1), mostWords)}`;
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

function draw(
  cells: readonly (readonly string[])[],
  leftTitles: readonly string[],
  mostCharacters: number,
): string {
  const titles = cells[0] ?? [];
  const columns = titles.map((title, index): ColumnUserConfig => {
    const alignment = leftTitles.includes(title) ? 'left' : 'right';
    return widest(cells.map((row) => row[index] ?? '')) > mostCharacters
      ? { alignment, width: mostCharacters, wrapWord: true }
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
