import type { DataLine } from '@grad/data';
import type { DataFile } from '../../delimited.ts';
import { parseNumber } from '../../parse-number.ts';
import { UserError } from '../../user-error.ts';

/** One measured number. */
export interface Observation {
  /** Model step it belongs to; the initial state is step 0. */
  readonly step: number;
  /** Component of the state: 0, 1 or 2. */
  readonly index: number;
  readonly value: number;
  /** Standard deviation of its error. */
  readonly error: number;
}

const columns = ['time', 'index', 'value', 'error'] as const;
type Column = (typeof columns)[number];

/**
 * The observations of a file with the columns time, index, value and error: in this order, or in the
 * order that a first line of titles gives. Times are multiples of `dt`, within `maxSteps` steps.
 *
 * @throws UserError naming the line, the column, and what was expected there.
 */
export function readObservations(
  { path, lines }: DataFile,
  { dt, components, maxSteps }: { dt: number; components: number; maxSteps: number },
): Observation[] {
  const order = columnOrder(path, lines[0]);
  const data = order.titled ? lines.slice(1) : lines;
  if (data.length === 0) throw new UserError(`${path} has no observations below its titles.`);
  const seen = new Map<string, number>();
  return data.map((line) => {
    const number = numberReader(path, line, order.position);
    const time = number('time', 'a time of 0 or more', (value) => value >= 0);
    const step = Math.round(time / dt);
    number(
      'time',
      `a multiple of the time step ${dt} (or set another with --dt)`,
      (value) => Math.abs(value / dt - step) <= 1e-6 * Math.max(1, step),
    );
    number(
      'time',
      `a time of at most ${maxSteps * dt} (${maxSteps} steps)`,
      () => step <= maxSteps,
    );
    const index = number(
      'index',
      `a component of the state, 0 to ${components - 1}`,
      (value) => Number.isInteger(value) && value >= 0 && value < components,
    );
    const value = number('value', 'a finite decimal number', () => true);
    const error = number('error', 'a standard deviation above 0', (size) => size > 0);
    const key = `${step} ${index}`;
    const before = seen.get(key);
    if (before !== undefined) {
      throw new UserError(
        `${path}:${line.number}: component ${index} at time ${time} was already observed in line ` +
          `${before}. Expected one observation of each; average the two.`,
      );
    }
    seen.set(key, line.number);
    return { step, index, value, error };
  });
}

/** Reads and checks one cell of a line by the name of its column. */
function numberReader(path: string, line: DataLine, position: Readonly<Record<Column, number>>) {
  const where = `${path}:${line.number}`;
  if (line.cells.length !== columns.length) {
    throw new UserError(
      `${where}: expected ${columns.length} columns (${columns.join(', ')}), found ${line.cells.length}.`,
    );
  }
  return (column: Column, expected: string, holds: (value: number) => boolean): number => {
    const text = line.cells[position[column]] ?? '';
    const value = parseNumber(text);
    if (value === undefined || !holds(value)) {
      throw new UserError(`${where}: column '${column}': expected ${expected}, found '${text}'.`);
    }
    return value;
  };
}

function columnOrder(path: string, first: DataLine | undefined) {
  const cells = first?.cells.map((cell) => cell.toLowerCase()) ?? [];
  if (first === undefined || !cells.some((cell) => /^[a-z]/.test(cell) && cell !== 'nan')) {
    return { titled: false, position: { time: 0, index: 1, value: 2, error: 3 } };
  }
  const position = {
    time: cells.indexOf('time'),
    index: cells.indexOf('index'),
    value: cells.indexOf('value'),
    error: cells.indexOf('error'),
  };
  const missing = columns.filter((column) => position[column] < 0);
  if (missing.length > 0) {
    throw new UserError(
      `${path}:${first.number}: expected the columns ${columns.join(', ')}, found ` +
        `'${first.cells.join(', ')}'; missing: ${missing.join(', ')}.`,
    );
  }
  return { titled: true, position };
}
