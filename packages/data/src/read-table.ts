import type { Tensor } from '@grad/core';
import { type ByteSource, nameOf, textOf } from './byte-source.ts';
import { type CellOptions, checkWidth, type NumberType, numbers } from './cells.ts';
import { FormatError } from './format-error.ts';
import { parseDelimited } from './read-delimited.ts';

/** What the cells of a column are: numbers of a dtype, or text. */
export type ColumnType = NumberType | 'text';

/** The columns of a table by their names: tensors of shape `[rows]`, or arrays of texts. */
export type Columns<C extends Readonly<Record<string, ColumnType>>> = {
  readonly [K in keyof C]: C[K] extends 'text' ? string[] : Tensor;
};

/** Options of `readTable`. */
export interface TableOptions<C> extends CellOptions {
  /** The columns to read, by their titles, and what is in them. Others are left out. */
  readonly columns: C;
  /**
   * The titles, in the order of the text, when its first line has none. Without it, the first line
   * holds them.
   */
  readonly titles?: readonly string[];
}

/**
 * Reads columns of a CSV or TSV text by their titles.
 *
 * @throws FormatError that names the line and the column: a title that is not there, a line with
 * more or fewer cells than there are titles, a cell that is no number, or no whole one of 32 bits
 * in an `int32` column.
 */
export async function readTable<const C extends Readonly<Record<string, ColumnType>>>(
  source: ByteSource | string,
  options: TableOptions<C>,
): Promise<Columns<C>>;
export async function readTable(
  source: ByteSource | string,
  options: TableOptions<Readonly<Record<string, ColumnType>>>,
): Promise<Record<string, string[] | Tensor>> {
  const name = nameOf('readTable', source, options);
  const lines = parseDelimited(await textOf('readTable', source, name), name, options);
  const [first] = lines;
  if (first === undefined) throw new FormatError({ name }, 'there are no lines of data.');
  const titles = options.titles ?? first.cells;
  const rows = options.titles ? lines : lines.slice(1);
  for (const line of rows) checkWidth(name, line, titles.length, 'titles');
  const columns = Object.entries(options.columns).map(([title, type]) => {
    const position = titles.indexOf(title);
    if (position < 0) {
      const line = options.titles ? undefined : first.number;
      throw new FormatError(
        { name, line },
        `there is no column '${title}'; there are '${titles.join("', '")}'.`,
      );
    }
    const column = (): string[] => rows.map(({ cells }) => cells[position] ?? '');
    return [
      title,
      type === 'text'
        ? column()
        : numbers(name, type, rows, { from: position, to: position + 1 }, titles, options),
    ] as const;
  });
  return Object.fromEntries(columns);
}
