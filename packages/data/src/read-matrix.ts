import type { Tensor } from '@grad/core';
import { type ByteSource, nameOf, textOf } from './byte-source.ts';
import { type CellOptions, checkWidth, type NumberType, numbers } from './cells.ts';
import { FormatError } from './format-error.ts';
import { parseDelimited } from './read-delimited.ts';

/** Options of `readMatrix`. */
export interface MatrixOptions extends CellOptions {
  /** Element type; float64 unless said otherwise. */
  readonly dtype?: NumberType;
}

/**
 * Reads a CSV or TSV text of numbers alone, without titles, as a tensor `[rows, columns]`.
 *
 * @throws FormatError that names the line and the column of a cell that is no number, or the line
 * that has more or fewer cells than the first.
 */
export async function readMatrix(
  source: ByteSource | string,
  options: MatrixOptions = {},
): Promise<Tensor> {
  const name = nameOf('readMatrix', source, options);
  const lines = parseDelimited(await textOf('readMatrix', source, name), name, options);
  const width = lines[0]?.cells.length;
  if (width === undefined) throw new FormatError({ name }, 'there are no lines of data.');
  for (const line of lines) checkWidth(name, line, width, 'columns in the first line');
  const titles = Array.from({ length: width }, (_, i) => String(i + 1));
  const { dtype = 'float64' } = options;
  const elements = numbers(name, dtype, lines, { from: 0, to: width }, titles, options);
  return elements.reshape([lines.length, width]);
}
