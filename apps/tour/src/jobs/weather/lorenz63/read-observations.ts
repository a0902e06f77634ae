import type { DataFile } from '../../../delimited.ts';
import { observeOnce, readColumns, stepOf } from '../columns.ts';

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

/**
 * The observations of a file with the columns time, index, value and error: in this order, or in the
 * order that a first line of titles gives. Times are multiples of `dt`, within `maxSteps` steps.
 *
 * @throws UserError naming the line, the column, and what was expected there.
 */
export function readObservations(
  file: DataFile,
  { dt, components, maxSteps }: { dt: number; components: number; maxSteps: number },
): Observation[] {
  const once = observeOnce();
  const rules = { dt, step: `the time step ${dt} (or set another with --dt)`, maxSteps };
  return readColumns(file, ['time', 'index', 'value', 'error']).map((cells) => {
    const step = stepOf(cells, rules);
    const index = cells.number(
      'index',
      `a component of the state, 0 to ${components - 1}`,
      (value) => Number.isInteger(value) && value >= 0 && value < components,
    );
    const value = cells.number('value', 'a finite decimal number');
    const error = cells.number('error', 'a standard deviation above 0', (size) => size > 0);
    once(cells, `component ${index} at time ${Number((step * dt).toPrecision(12))}`);
    return { step, index, value, error };
  });
}
