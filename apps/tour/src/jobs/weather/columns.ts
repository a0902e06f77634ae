import type { DataLine } from '@grad/data';
import type { DataFile } from '../../delimited.ts';
import { parseNumber } from '../../parse-number.ts';
import { UserError } from '../../user-error.ts';

/** One line of data, by the names of its columns. */
export interface Cells<Column extends string> {
  /** Path and number of the line, for messages. */
  readonly where: string;
  readonly line: number;
  text(column: Column): string;
  /** @throws UserError when the cell is no number for which `holds`. */
  number(column: Column, expected: string, holds?: (value: number) => boolean): number;
  /** The error of a cell, for what it is instead of what was expected. */
  wrong(column: Column, expected: string): UserError;
}

/** Times that are steps of a model. */
export interface StepRules {
  /** Length of a step in the unit of the column, and how messages call it. */
  readonly dt: number;
  readonly step: string;
  readonly maxSteps: number;
}

/**
 * The lines of a file with the given columns: in this order, or in the order that a first line of titles gives.
 * `words` are what cells of data may hold that is not a number.
 *
 * @throws UserError naming the line and what was expected there.
 */
export function readColumns<const Column extends string>(
  { path, lines }: DataFile,
  columns: readonly Column[],
  words: readonly string[] = [],
): Cells<Column>[] {
  const [first] = lines;
  const titles = first?.cells.map((cell) => cell.toLowerCase()) ?? [];
  const isTitle = (cell: string): boolean =>
    /^[a-z]/.test(cell) && cell !== 'nan' && !words.includes(cell);
  const titled = titles.some(isTitle);
  const places = columns.map((column, place) => (titled ? titles.indexOf(column) : place));
  const missing = columns.filter((_, place) => (places[place] ?? -1) < 0);
  if (first !== undefined && missing.length > 0) {
    throw new UserError(
      `${path}:${first.number}: expected the columns ${columns.join(', ')}, found ` +
        `'${first.cells.join(', ')}'; missing: ${missing.join(', ')}.`,
    );
  }
  const data = titled ? lines.slice(1) : lines;
  if (data.length === 0) throw new UserError(`${path} has no observations below its titles.`);
  return data.map((line) => cellsOf(path, line, columns, places));
}

function cellsOf<Column extends string>(
  path: string,
  { number: line, cells }: DataLine,
  columns: readonly Column[],
  places: readonly number[],
): Cells<Column> {
  const where = `${path}:${line}`;
  if (cells.length !== columns.length) {
    throw new UserError(
      `${where}: expected ${columns.length} columns (${columns.join(', ')}), found ${cells.length}.`,
    );
  }
  const text = (column: Column): string => cells[places[columns.indexOf(column)] ?? 0] ?? '';
  const wrong = (column: Column, expected: string): UserError =>
    new UserError(`${where}: column '${column}': expected ${expected}, found '${text(column)}'.`);
  return {
    where,
    line,
    text,
    wrong,
    number: (column, expected, holds = () => true) => {
      const value = parseNumber(text(column));
      if (value === undefined || !holds(value)) throw wrong(column, expected);
      return value;
    },
  };
}

/** The step of the time of a line. */
export function stepOf(cells: Cells<'time'>, { dt, step: called, maxSteps }: StepRules): number {
  const time = cells.number('time', 'a time of 0 or more', (value) => value >= 0);
  const step = Math.round(time / dt);
  const onStep = Math.abs(time / dt - step) <= 1e-6 * Math.max(1, step);
  if (!onStep) throw cells.wrong('time', `a multiple of ${called}`);
  if (step > maxSteps) {
    throw cells.wrong('time', `a time of at most ${maxSteps * dt} (${maxSteps} steps)`);
  }
  return step;
}

/** Refuses to observe the same thing twice. */
export function observeOnce(): (cells: Cells<'time'>, what: string) => void {
  const seen = new Map<string, number>();
  return (cells, what) => {
    const before = seen.get(what);
    if (before !== undefined) {
      throw new UserError(
        `${cells.where}: ${what} was already observed in line ${before}. Expected one observation of each; average the two.`,
      );
    }
    seen.set(what, cells.line);
  };
}
