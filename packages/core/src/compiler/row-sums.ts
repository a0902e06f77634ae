import { cutOf } from '../kernel/cut.ts';
import type { Buffer, Loop } from '../kernel/expr.ts';
import { type Kernel, rounds, type Statement } from '../kernel/statement.ts';
import { RowAccesses } from './kernel-rows.ts';
import { leastPairwise } from './pairwise.ts';

export type Reduce = Extract<Statement, { do: 'reduce' }>;

/** A kernel all of whose sums go over the same rows of what they read. */
export interface RowSums {
  readonly count: number;
  /** Rows of a block; undefined where any number of them keeps the order of the sums. */
  readonly block: number | undefined;
  /** Elements of a row of each array that the sums read; 0 where it is read as a whole. */
  readonly strides: ReadonlyMap<Buffer, number>;
  /** Arrays that are read after the sums. */
  readonly later: ReadonlySet<Buffer>;
}

/** Results of a sum that is worth a pass over a few rows, at least. */
const leastResults = 16;

/** The sums over rows of a kernel, where it has nothing else that takes time. */
export function sumsOverRows({ body }: Kernel): RowSums | undefined {
  const sums: Reduce[] = [];
  const stores: Extract<Statement, { do: 'store' }>[] = [];
  const collect = (statements: readonly Statement[], results: number): boolean =>
    statements.every((statement) => {
      if (statement.do === 'for') {
        const { loop, parallel } = statement;
        return parallel && collect(statement.body, results * (loop.extent ?? 0));
      }
      if (statement.do === 'reduce') sums.push(statement);
      else if (statement.do === 'store') stores.push(statement);
      else return false;
      return results >= leastResults;
    });
  if (!collect(body, 1)) return undefined;
  const rows = new Set(sums.flatMap(({ loops }) => loops.slice(0, 1)));
  const [count, ...others] = [...new Set([...rows].map(({ extent }) => extent))];
  const blocks = sums.map(blockOf);
  const [block, ...more] = [...new Set(blocks.filter((size) => size !== 'any'))];
  if (count === undefined || others.length > 0 || blocks.includes(undefined) || more.length > 0) {
    return undefined;
  }
  const inSums = new RowAccesses(rows, count);
  for (const { value } of sums) inSums.expr(value);
  const later = new RowAccesses(new Set(), count);
  for (const { index, value } of stores) {
    for (const { factor } of index.terms) later.expr(factor);
    later.expr(value);
  }
  const { strides } = inSums;
  const read = new Set(later.strides.keys());
  const twice = [...strides].some(([buffer, stride]) => stride > 0 && read.has(buffer));
  if (!inSums.ok || !later.ok || inSums.readsLocals || twice) return undefined;
  return { count, block, strides, later: read };
}

/** How many rows a block has for a sum; undefined where it does not go over rows. */
function blockOf(sum: Reduce): number | 'any' | undefined {
  const { loops, combine, order, target } = sum;
  const [first, ...inner] = loops;
  if (combine !== 'add' || !rounds(combine, target.type) || !first?.extent) return undefined;
  if (loops.some(({ extent }) => !extent)) return undefined;
  if (order === 'blocked') {
    const { at, size } = cutOf(loops);
    return at > 0 ? 'any' : size;
  }
  return inner.length === 0 && first.extent >= leastPairwise ? 'any' : undefined;
}

/** Statements with others in the places of sums, and without stores unless these are kept. */
export function mapSums(
  statements: readonly Statement[],
  keepStores: boolean,
  map: (sum: Reduce, around: readonly Loop[]) => readonly Statement[],
  around: readonly Loop[] = [],
): Statement[] {
  return statements.flatMap((statement): readonly Statement[] => {
    if (statement.do === 'reduce') return map(statement, around);
    if (statement.do !== 'for') return keepStores ? [statement] : [];
    const body = mapSums(statement.body, keepStores, map, [...around, statement.loop]);
    return body.length > 0 ? [{ ...statement, body }] : [];
  });
}
