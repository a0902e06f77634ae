import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/primitives/sparse/analysis/analysis.ts';
import {
  columnCounts,
  eliminationTree,
  postorder,
} from '../../src/primitives/sparse/analysis/elimination-tree.ts';
import { graphOf } from '../../src/primitives/sparse/analysis/graph.ts';
import { inverseOf, range } from '../../src/primitives/sparse/analysis/integers.ts';
import { maximumTransversal } from '../../src/primitives/sparse/analysis/maximum-transversal.ts';
import { minimumDegree } from '../../src/primitives/sparse/analysis/minimum-degree.ts';
import { nestedDissection } from '../../src/primitives/sparse/analysis/nested-dissection.ts';
import { StackPlaces } from '../../src/primitives/sparse/analysis/stack-places.ts';
import { supernodesOf } from '../../src/primitives/sparse/analysis/supernodes.ts';
import type { SparsityPattern } from '../../src/tensor/sparsity-pattern.ts';
import { definite, general, laplacian, matrixOf, numbers } from './matrices.ts';

/** Columns of the factor by elimination of a dense pattern: the rows of each, the diagonal among them. */
function eliminate(pattern: SparsityPattern, order: Int32Array): Set<number>[] {
  const place = inverseOf(order);
  const [n] = pattern.shape;
  const columns = Array.from({ length: n }, (_, j) => new Set([j]));
  for (let i = 0; i < n; i++) {
    for (let k = pattern.indptr[i] ?? 0; k < (pattern.indptr[i + 1] ?? 0); k++) {
      const [a, b] = [place[i] ?? 0, place[pattern.indices[k] ?? 0] ?? 0];
      columns[Math.min(a, b)]?.add(Math.max(a, b));
    }
  }
  columns.forEach((rows, j) => {
    const below = [...rows].filter((row) => row > j).sort((a, b) => a - b);
    const [next] = below;
    if (next !== undefined) for (const row of below) columns[next]?.add(row);
  });
  return columns;
}

/** Few entries and many: subtrees of all sizes stand side by side. */
const scattered = Array.from({ length: 20 }, (_, seed) => {
  const next = numbers(100 + seed);
  const density = (1 + (seed % 5)) / 40;
  return [
    `scattered entries ${seed}`,
    matrixOf(40, 40, (i, j) => (i === j || next() < density ? 1 : undefined)),
  ] as const;
});

/** The share of zeros in a panel of so many columns. */
function mostZeros(columns: number): number {
  if (columns <= 4) return 1;
  return columns <= 16 ? 0.8 : 0.1;
}

const all = [...definite, ...general, ...scattered];

describe.each(all.map(([title, { pattern }]) => [title, pattern] as const))(
  'of %s',
  (_, pattern) => {
    const [n] = pattern.shape;

    test('the order of least degrees is a permutation', () => {
      const order = minimumDegree(graphOf(pattern, range(n)));
      expect([...order].sort((a, b) => a - b)).toEqual([...range(n)]);
    });

    test('the tree and the counts are those of elimination', () => {
      const graph = graphOf(pattern, range(n));
      const order = minimumDegree(graph);
      const place = inverseOf(order);
      const columns = eliminate(pattern, order);
      const parent = eliminationTree(graph, order, place);
      expect([...parent]).toEqual(
        columns.map((rows, j) => {
          const below = [...rows].filter((row) => row > j);
          return below.length === 0 ? -1 : Math.min(...below);
        }),
      );
      const counts = columnCounts(graph, order, place, parent);
      expect([...counts]).toEqual(columns.map(({ size }) => size));
      const climb = postorder(parent, counts);
      const at = inverseOf(climb);
      parent.forEach((up, j) => {
        if (up >= 0) expect(at[up]).toBeGreaterThan(at[j] ?? 0);
      });
    });

    test('panels hold all that elimination fills, and few zeros', () => {
      const { order, supernodes, fill } = analyze(pattern);
      const columns = eliminate(pattern, order);
      expect(fill).toBe(columns.reduce((sum, { size }) => sum + size, 0));
      const { first, rows, rowStarts, parent } = supernodes;
      parent.forEach((up, s) => {
        const [from, to] = [first[s] ?? 0, first[s + 1] ?? 0];
        const below = [...rows.subarray(rowStarts[s], rowStarts[s + 1])];
        const size = to - from;
        const entries = (size * (size + 1)) / 2 + size * below.length;
        const needed = columns.slice(from, to).reduce((sum, column) => sum + column.size, 0);
        expect(entries - needed).toBeLessThanOrEqual(mostZeros(size) * entries);
        const held = new Set([...range(to - from).map((j) => from + j), ...below]);
        for (let j = from; j < to; j++) {
          for (const row of columns[j] ?? []) expect(held.has(row)).toBe(true);
        }
        if (up < 0) expect(below).toEqual([]);
        else expect(below[0]).toBeLessThan(first[up + 1] ?? 0);
      });
    });
  },
);

describe('nested dissection', () => {
  const parts = [
    ['a grid', laplacian(30, 40)],
    ['a line', laplacian(1000)],
    ['a cube', laplacian(11, 12, 13)],
    ['two grids', matrixOf(450, 450, (i, j) => twoGrids(i, j))],
    ['a dense matrix', matrixOf(200, 200, () => 1)],
    ['an arrow', matrixOf(400, 400, (i, j) => (i === j || i * j === 0 ? 1 : undefined))],
    ['no entries', matrixOf(300, 300, () => undefined)],
    ['nothing', matrixOf(0, 0, () => undefined)],
  ] as const;
  test.each(parts)('orders each node of %s once', (_, { pattern }) => {
    const [n] = pattern.shape;
    const order = nestedDissection(graphOf(pattern, range(n)));
    expect([...order].sort((a, b) => a - b)).toEqual([...range(n)]);
  });

  test('separates a line with leaves by single nodes of the line', () => {
    // Each node of the line has three leaves.
    const { pattern } = matrixOf(1200, 1200, (i, j) => {
      const [a, b] = [Math.floor(i / 4), Math.floor(j / 4)];
      const onLine = i % 4 === 0 && j % 4 === 0;
      return i === j || (a === b && (i % 4) * (j % 4) === 0) || (onLine && Math.abs(a - b) === 1)
        ? 1
        : undefined;
    });
    const graph = graphOf(pattern, range(1200));
    const order = nestedDissection(graph);
    const place = inverseOf(order);
    const counts = columnCounts(graph, order, place, eliminationTree(graph, order, place));
    // Itself, one leaf or neighbour, and what separates its part of the line on either side.
    expect(Math.max(...counts)).toBe(4);
  });

  test('takes less work for a cube than least degrees do', () => {
    const { pattern } = laplacian(16, 16, 16);
    const graph = graphOf(pattern, range(16 ** 3));
    const [work = 0, other = 0] = [nestedDissection, minimumDegree].map((find) => {
      const order = find(graph);
      const place = inverseOf(order);
      const counts = columnCounts(graph, order, place, eliminationTree(graph, order, place));
      return counts.reduce((sum, count) => sum + count ** 2, 0);
    });
    expect(work).toBeLessThan(0.75 * other);
  });
});

/** Neighbours on two grids of 15 by 15 that have nothing to do with each other. */
function twoGrids(i: number, j: number): number | undefined {
  if (i < 225 !== j < 225) return undefined;
  const across = Math.abs((i % 15) - (j % 15));
  const along = Math.abs(Math.floor(i / 15) - Math.floor(j / 15));
  return across + along < 2 ? 1 : undefined;
}

test('columns side by side share a panel only where one is the parent of the other', () => {
  // Leaves that meet fewer and fewer of the last forty nodes, which all meet each other.
  const leaves = 25;
  const { pattern } = matrixOf(leaves + 40, leaves + 40, (i, j) => {
    const [low, high] = [Math.min(i, j), Math.max(i, j)];
    const meets = low >= leaves || (high >= leaves && high - leaves < 30 - low);
    return i === j || meets ? 1 : undefined;
  });
  const order = range(leaves + 40);
  const graph = graphOf(pattern, order);
  const parent = eliminationTree(graph, order, order);
  const counts = columnCounts(graph, order, order, parent);
  const { first } = supernodesOf(graph, order, order, parent, counts);
  // The last leaves are merged into the panel of those nodes, at the price of some zeros.
  expect([...first.subarray(0, 20)]).toEqual([...range(20)]);
});

test('least degrees fill a grid much less than the order of its rows does', () => {
  const { pattern } = laplacian(40, 40);
  const banded = 1600 * 40;
  expect(analyze(pattern).fill).toBeLessThan(0.45 * banded);
});

/** A cube of 5 elements a side, with three unknowns at each, which all meet those of its 26 neighbours. */
function elements(i: number, j: number): number | undefined {
  const at = (k: number): number[] => [1, 5, 25].map((stride) => Math.floor(k / 3 / stride) % 5);
  const [a, b] = [at(i), at(j)];
  return a.every((x, axis) => Math.abs(x - (b[axis] ?? 0)) < 2) ? 1 : undefined;
}

// Entries of the factor in the order that AMD of SuiteSparse gives, by cvxopt 1.3.3.
test.each([
  ['a grid', laplacian(40, 40), 20771],
  ['a cube', laplacian(12, 12, 12), 76038],
  ['elements with three unknowns', matrixOf(375, 375, elements), 23835],
] as const)(
  'least degrees fill %s as the program of their authors does',
  (_, { pattern }, fill) => {
    const graph = graphOf(pattern, range(pattern.shape[0]));
    const order = minimumDegree(graph);
    const place = inverseOf(order);
    const counts = columnCounts(graph, order, place, eliminationTree(graph, order, place));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(fill);
  },
);

test('least degrees do not fill an arrow', () => {
  for (const tip of [0, 99]) {
    const { pattern } = matrixOf(100, 100, (i, j) =>
      i === j || i === tip || j === tip ? 1 : undefined,
    );
    expect(analyze(pattern).fill).toBe(199);
  }
});

describe('rows moved to the diagonal', () => {
  test('are found for random patterns as often as they can be', () => {
    const next = numbers(5);
    for (let round = 0; round < 60; round++) {
      const n = 1 + Math.floor(next() * 6);
      const has = Array.from({ length: n }, () => Array.from({ length: n }, () => next() < 0.4));
      const { pattern } = matrixOf(n, n, (i, j) => (has[i]?.[j] ? 1 : undefined));
      const columnOf = maximumTransversal(pattern, n);
      const taken = [...columnOf].filter((column) => column >= 0);
      expect(new Set(taken).size).toBe(taken.length);
      columnOf.forEach((column, row) => {
        if (column >= 0) expect(has[row]?.[column]).toBe(true);
      });
      expect(taken.length).toBe(most(has, 0, 0));
    }
  });

  test('stay where they are when the diagonal is there', () => {
    const { pattern } = laplacian(6);
    expect([...maximumTransversal(pattern, 6)]).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

/** The size of a maximum matching, by trying all. */
function most(has: readonly (readonly boolean[])[], row: number, used: number): number {
  if (row === has.length) return 0;
  let best = most(has, row + 1, used);
  has[row]?.forEach((there, column) => {
    if (there && ((used >> column) & 1) === 0) {
      best = Math.max(best, 1 + most(has, row + 1, used | (1 << column)));
    }
  });
  return best;
}

test('blocks that are in use never overlap, and holes are used again', () => {
  const next = numbers(8);
  const places = new StackPlaces();
  const used: { at: number; size: number }[] = [];
  for (let step = 0; step < 2000; step++) {
    if (used.length > 0 && next() < 0.5) {
      const [gone] = used.splice(Math.floor(next() * used.length), 1);
      if (gone) places.release(gone.at, gone.size);
    } else {
      const size = 1 + Math.floor(next() * 9);
      const at = places.take(size);
      for (const other of used) {
        expect(at + size <= other.at || other.at + other.size <= at).toBe(true);
      }
      used.push({ at, size });
    }
  }
  for (const { at, size } of used) places.release(at, size);
  expect(places.take(places.end)).toBe(0);
  const before = places.end;
  places.release(0, before);
  expect(places.take(before)).toBe(0);
  expect(places.end).toBe(before);
});
