import type { DataLine } from '@grad/data';
import type { DataFile } from '../../delimited.ts';
import { parseNumber } from '../../parse-number.ts';
import { UserError } from '../../user-error.ts';
import type { Link } from './link-graph.ts';

/**
 * The links of a file with the columns `from`, `to` and, optionally, `weight` (1 when absent). Pages
 * may be numbers or names. The first line may hold titles.
 *
 * @throws UserError naming the line whose columns or weight are wrong.
 */
export function readLinks({ path, lines }: DataFile): Link[] {
  const data = hasTitles(lines) ? lines.slice(1) : lines;
  const [first] = data;
  if (first === undefined) throw new UserError(`${path} has no links below its titles.`);
  const columns = first.cells.length;
  if (columns !== 2 && columns !== 3) {
    throw new UserError(
      `${path}:${first.number}: expected 2 or 3 columns (from, to and, optionally, weight), found ${columns}. ` +
        'Columns are separated by tabs, commas, semicolons or spaces.',
    );
  }
  return data.map((line) => readLink(path, line, columns));
}

function readLink(path: string, { number, cells }: DataLine, columns: number): Link {
  const where = `${path}:${number}`;
  const [from, to, weightText] = cells;
  if (cells.length !== columns) {
    throw new UserError(
      `${where}: expected ${columns} columns as in the lines above, found ${cells.length}. ` +
        'Complete or remove the line.',
    );
  }
  if (!from || !to) {
    throw new UserError(`${where}: expected the names of two pages, found an empty cell.`);
  }
  const weight = weightText === undefined ? 1 : parseNumber(weightText);
  if (weight === undefined || weight < 0) {
    throw new UserError(
      `${where}: expected a weight of 0 or more, found '${weightText}'. ` +
        'Weights are finite decimal numbers.',
    );
  }
  return { from, to, weight };
}

const knownTitle = /^(?:from|to|source|target|src|dst|weight)$/i;
const word = /^(?!(?:nan|inf|infinity)$)\p{L}/iu;

/**
 * Whether the first line holds titles: known ones, or words above a column of numbers. A word that
 * stands for a number, such as `nan`, is none: it is for the weight's own check to refuse.
 */
function hasTitles([first, second]: readonly DataLine[]): boolean {
  if (first === undefined) return false;
  const overNumbers = second?.cells.some((cell) => parseNumber(cell) !== undefined) ?? false;
  return (
    first.cells.every((cell) => knownTitle.test(cell)) ||
    (overNumbers && first.cells.every((cell) => word.test(cell)))
  );
}
