import type { DataFile } from '../../../delimited.ts';
import { observeOnce, readColumns, stepOf } from '../columns.ts';
import { extent, fields, stepsPerHour } from './basin.ts';
import type { Place } from './places.ts';

/** One measured number. */
export interface WaterObservation extends Place {
  /** Model step it belongs to; the initial state is step 0. */
  readonly step: number;
  readonly value: number;
  /** Standard deviation of its error. */
  readonly error: number;
}

/** Two days. */
const mostSteps = 48 * stepsPerHour;

/**
 * The observations of a file with the columns time (hours), field (h, u or v), x, y (km), value and error (m or m/s): in this
 * order, or in the order that a first line of titles gives.
 *
 * @throws UserError naming the line, the column, and what was expected there.
 */
export function readWaterObservations(file: DataFile): WaterObservation[] {
  const once = observeOnce();
  const columns = ['time', 'field', 'x', 'y', 'value', 'error'] as const;
  const rules = { dt: 1 / stepsPerHour, step: `1/${stepsPerHour} hour`, maxSteps: mostSteps };
  return readColumns(file, columns, fields).map((cells) => {
    const step = stepOf(cells, rules);
    const field = fields.find((name) => name === cells.text('field').toLowerCase());
    if (field === undefined) throw cells.wrong('field', "'h', 'u' or 'v'");
    const inside = (value: number): boolean => value >= 0 && value <= extent;
    const [x, y] = (['x', 'y'] as const).map((column) =>
      cells.number(column, `kilometres from 0 to ${extent}`, inside),
    );
    const value = cells.number('value', 'a finite decimal number');
    const error = cells.number('error', 'a standard deviation above 0', (size) => size > 0);
    once(cells, `${field} at (${x}, ${y}) at time ${step / stepsPerHour}`);
    return { step, field, x: x ?? 0, y: y ?? 0, value, error };
  });
}
