import type { DataFile } from '../../delimited.ts';
import { parseNumber } from '../../parse-number.ts';
import { UserError } from '../../user-error.ts';
import type { Pair, Spins } from './lattice.ts';

/**
 * The coupled pairs of a file with the columns `from`, `to` and `coupling`. Spins may be numbers or names;
 * a pair that comes more than once has the sum. The first line may hold these titles.
 *
 * @throws UserError naming the line, and column, that is wrong.
 */
export function readCouplings({ path, name, lines }: DataFile): Spins {
  const titled = lines[0]?.cells.join() === 'from,to,coupling';
  const numbers = new Map<string, number>();
  const numberOf = (label: string): number => {
    const known = numbers.get(label) ?? numbers.size;
    numbers.set(label, known);
    return known;
  };
  const pairs = new Map<string, Pair>();
  for (const { number, cells } of titled ? lines.slice(1) : lines) {
    const [from, to, text] = cells;
    const where = `${path}:${number}`;
    if (cells.length !== 3 || !from || !to || text === undefined) {
      throw new UserError(
        `${where}: expected 3 columns (from, to and coupling), found ${cells.length}. Columns are separated by tabs, commas, semicolons or spaces.`,
      );
    }
    const coupling = parseNumber(text);
    if (coupling === undefined) {
      throw new UserError(
        `${where}: column 'coupling': expected a finite number, found '${text}'.`,
      );
    }
    if (from === to) {
      throw new UserError(`${where}: spin ${from} is coupled to itself. Remove the line.`);
    }
    const [i, j] = [numberOf(from), numberOf(to)];
    const key = `${Math.min(i, j)} ${Math.max(i, j)}`;
    const sum = coupling + (pairs.get(key)?.coupling ?? 0);
    pairs.set(key, { from: i, to: j, coupling: sum });
  }
  if (pairs.size === 0) throw new UserError(`${path} has no pairs below its titles.`);
  return { name, count: numbers.size, pairs: [...pairs.values()] };
}
