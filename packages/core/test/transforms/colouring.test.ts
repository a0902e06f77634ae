import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestRow, type Rows, transposedRows } from '../../src/tensor/sparsity-pattern.ts';
import { type Colouring, colourColumns } from '../../src/transforms/colouring.ts';

function rowsOf(lists: readonly (readonly number[])[]): Rows {
  const indptr = new Int32Array(lists.length + 1);
  lists.forEach((list, row) => {
    indptr[row + 1] = (indptr[row] ?? 0) + list.length;
  });
  return { indptr, indices: Int32Array.from(lists.flat()) };
}

function colour(lists: readonly (readonly number[])[], columns: number): Colouring {
  const rows = rowsOf(lists);
  return colourColumns(rows, transposedRows(rows, columns));
}

/** Columns of a row that have the same colour as another of its columns. */
const clashes = (lists: readonly (readonly number[])[], { of }: Colouring): number =>
  lists.reduce((sum, list) => sum + list.length - new Set(list.map((c) => of[c])).size, 0);

/** First-fit in the same order, one column after the other with all colours at once. */
function plainly(lists: readonly (readonly number[])[], columns: number): number[] {
  const meetings = (c: number): number =>
    lists.reduce((sum, list) => sum + (list.includes(c) ? list.length : 0), 0);
  const order = Array.from({ length: columns }, (_, c) => c)
    .filter((c) => meetings(c) > 0)
    .sort((a, b) => meetings(b) - meetings(a) || a - b);
  const of = new Array<number>(columns).fill(-1);
  for (const c of order) {
    const taken = new Set(
      lists.flatMap((list) => (list.includes(c) ? list : [])).map((d) => of[d]),
    );
    let free = 0;
    while (taken.has(free)) free++;
    of[c] = free;
  }
  return of;
}

const matrices = fc.integer({ min: 1, max: 60 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    lists: fc.array(
      fc
        .uniqueArray(fc.nat(columns - 1), { maxLength: 50 })
        .map((list) => list.toSorted((a, b) => a - b)),
      { maxLength: 30 },
    ),
  }),
);

describe('a colouring of columns', () => {
  test('gives the columns of a row different colours, and is what first-fit gives', () => {
    fc.assert(
      fc.property(matrices, ({ columns, lists }) => {
        const found = colour(lists, columns);
        expect(clashes(lists, found)).toBe(0);
        expect([...found.of]).toEqual(plainly(lists, columns));
        expect(found.count).toBe(Math.max(-1, ...found.of) + 1);
        expect(found.count).toBeGreaterThanOrEqual(longestRow(rowsOf(lists)));
      }),
      { numRuns: 200, seed: 20261126 },
    );
  });

  test.each([1, 2, 5, 40])(
    'of a matrix with %i bands has less than twice as many colours',
    (width) => {
      const size = 300;
      const lists = Array.from({ length: size }, (_, row) =>
        Array.from({ length: width }, (_, k) => row + k).filter((c) => c < size),
      );
      const { count } = colour(lists, size);
      expect(count).toBeGreaterThanOrEqual(width);
      expect(count).toBeLessThanOrEqual(Math.ceil(1.5 * width));
    },
  );

  test('goes beyond 32 colours', () => {
    const all = Array.from({ length: 100 }, (_, c) => c);
    expect(colour([all], 100).count).toBe(100);
  });
});
