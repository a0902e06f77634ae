import { type ByteSource, FormatError, parseNumber, readDelimited } from '@grad/data';
import { checkOptions } from '../check.ts';
import { fromSmiles, type MoleculeGraph } from './from-smiles.ts';
import { SmilesError } from './parse-smiles.ts';

/** Which columns of a table are read. */
export interface ReadMoleculesOptions {
  /** Title of the column of SMILES; the one called `smiles`, in any case, when left out. */
  readonly smiles?: string;
  /** Title of the column of measured values; the last one of numbers alone when left out. */
  readonly value?: string;
  /** Name of the file in messages. */
  readonly name?: string;
}

/** Molecules of a table with a value for each. */
export interface Molecules {
  readonly graphs: readonly MoleculeGraph[];
  readonly values: Float64Array;
  /** Title of the column of values. */
  readonly title: string;
}

/**
 * Reads a CSV or TSV of molecules, whose first line has titles.
 *
 * @throws FormatError naming the line and what is wrong with it: a SMILES of no molecule, a value that is no
 * number, cells that are missing; or the column that is not there.
 */
export async function readMolecules(
  source: ByteSource | string,
  options: ReadMoleculesOptions = {},
): Promise<Molecules> {
  checkOptions('readMolecules', options, ['smiles', 'value', 'name']);
  const { name = 'readMolecules' } = options;
  const [titles, ...rows] = await readDelimited(source, { name, comment: '' });
  if (titles === undefined || rows.length === 0) {
    throw new FormatError({ name }, 'there are no lines below the titles.');
  }
  const fail = (line: number, problem: string, cause?: unknown): never => {
    throw new FormatError({ name, line }, problem, { cause });
  };
  for (const { number, cells } of rows) {
    if (cells.length !== titles.cells.length) {
      fail(number, `${cells.length} cells, but ${titles.cells.length} titles. Complete the line.`);
    }
  }
  const column = (title: string): number => {
    const at = titles.cells.indexOf(title);
    if (at >= 0) return at;
    return fail(
      titles.number,
      `there is no column '${title}'; there are '${titles.cells.join("', '")}'.`,
    );
  };
  const smilesAt =
    options.smiles === undefined
      ? titles.cells.findIndex((title) => /^smiles$/i.test(title))
      : column(options.smiles);
  if (smilesAt < 0) {
    fail(titles.number, `there is no column 'smiles'; there are '${titles.cells.join("', '")}'.`);
  }
  const isNumeric = (at: number): boolean =>
    at !== smilesAt && rows.every(({ cells }) => parseNumber(cells[at] ?? '') !== undefined);
  const valueAt =
    options.value === undefined
      ? titles.cells.findLastIndex((_, at) => isNumeric(at))
      : column(options.value);
  if (valueAt < 0) {
    fail(titles.number, 'there is no column of numbers alone. Name the column of values.');
  }
  const values = rows.map(({ number, cells }) => {
    const cell = cells[valueAt] ?? '';
    return parseNumber(cell) ?? fail(number, `expected a number, found '${cell}'.`);
  });
  const graphs = rows.map(({ number, cells }) => {
    try {
      return fromSmiles(cells[smilesAt] ?? '');
    } catch (error) {
      if (!(error instanceof SmilesError)) throw error;
      return fail(number, error.message, error);
    }
  });
  return { graphs, values: Float64Array.from(values), title: titles.cells[valueAt] ?? '' };
}
