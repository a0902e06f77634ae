import { stringify } from 'csv-stringify/sync';

/** Rows below a line of titles as CSV; numbers keep all their digits. */
export function toCsv(
  titles: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return stringify([[...titles], ...rows.map((row) => [...row])], {
    cast: { number: (value) => String(value) },
  });
}
