import { type DType, type Tensor, tensor } from '@grad/core';
import { FormatError } from './format-error.ts';
import { parseNumber } from './parse-number.ts';
import type { DataLine, DelimitedOptions } from './read-delimited.ts';

/** Dtypes that cells of text can have. */
export type NumberType = Exclude<DType, 'bool'>;

/** What becomes of cells that hold no number. */
export interface CellOptions extends DelimitedOptions {
  /**
   * The number that stands for an empty cell, `nan`, `na` and `null` (in any case). Without it they
   * are errors.
   */
  readonly missing?: number;
}

/** @throws FormatError when a line has another number of cells. */
export function checkWidth(name: string, line: DataLine, width: number, what: string): void {
  if (line.cells.length === width) return;
  throw new FormatError(
    { name, line: line.number },
    `${line.cells.length} cells, but ${width} ${what}. Complete the line, or set the delimiter.`,
  );
}

const missingWords: ReadonlySet<string> = new Set(['', 'nan', 'na', 'null']);

/**
 * The cells of some columns, row after row.
 *
 * @throws FormatError naming the line and the column of a cell that is no number of the dtype.
 */
export function numbers(
  name: string,
  dtype: NumberType,
  rows: readonly DataLine[],
  { from, to }: { readonly from: number; readonly to: number },
  titles: readonly string[],
  { missing }: CellOptions,
): Tensor {
  const values = new Float64Array(rows.length * (to - from));
  let next = 0;
  for (const { number: line, cells } of rows) {
    for (let position = from; position < to; position++) {
      const text = cells[position] ?? '';
      const value =
        parseNumber(text) ?? (missingWords.has(text.toLowerCase()) ? missing : undefined);
      if (value === undefined) {
        throw new FormatError(
          { name, line, column: titles[position] },
          text === ''
            ? 'the cell is empty. Fill it, or say with `missing` what stands for it.'
            : `expected a number, found '${text}'.`,
        );
      }
      if (dtype === 'int32' && value !== (value | 0)) {
        throw new FormatError(
          { name, line, column: titles[position] },
          `expected a whole number of 32 bits, found '${text}'. Read the column as float64.`,
        );
      }
      values[next++] = value;
    }
  }
  return tensor(values, { dtype });
}
