import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import { type ByteSource, nameOf, type SourceOptions, textOf } from './byte-source.ts';
import { FormatError } from './format-error.ts';

/** One line of data in a text of columns. */
export interface DataLine {
  /** Line number in the text, counted from 1. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** How a text is divided into cells. */
export interface DelimitedOptions extends SourceOptions {
  /**
   * What separates columns. Without it: the first of tab, comma, semicolon and space that occurs in
   * the first line of data. Runs of spaces count as one.
   */
  readonly delimiter?: string;
  /** What a line of comment begins with: `#` unless said otherwise. An empty text allows none. */
  readonly comment?: string;
}

/**
 * Reads the lines of a text of columns, plain or gzipped. A byte-order mark, CRLF, blank lines,
 * quoted cells and lines of comment are understood. How many columns there are is not checked; see
 * `readTable` and `readMatrix` for columns of numbers.
 *
 * @throws FormatError when the source is not UTF-8 text, or a quote does not close.
 */
export async function readDelimited(
  source: ByteSource | string,
  options: DelimitedOptions = {},
): Promise<DataLine[]> {
  const name = nameOf('readDelimited', source, options);
  return parseDelimited(await textOf('readDelimited', source, name), name, options);
}

/** `readDelimited` of a text, by a name for messages. */
export function parseDelimited(
  text: string,
  name: string,
  { comment = '#', ...options }: DelimitedOptions,
): DataLine[] {
  const delimiter = options.delimiter ?? findDelimiter(text, comment);
  const lines: DataLine[] = [];
  try {
    parse(text, {
      bom: true,
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      ...(comment === '' ? {} : { comment, comment_no_infix: true }),
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      on_record: (record: string[], { lines: number }) => {
        const cells = delimiter === ' ' ? record.filter((cell) => cell !== '') : record;
        lines.push({ number, cells });
        return null;
      },
    });
    return lines;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = 'lines' in error ? Number(error['lines']) : undefined;
    throw new FormatError({ name, line }, `${error.message}. Check the quotes around the cells.`, {
      cause: error,
    });
  }
}

function findDelimiter(text: string, comment: string): string {
  for (const [line] of text.matchAll(/^.*\S.*$/gm)) {
    const content = line.trim();
    if (comment !== '' && content.startsWith(comment)) continue;
    return ['\t', ',', ';'].find((candidate) => content.includes(candidate)) ?? ' ';
  }
  return ' ';
}
