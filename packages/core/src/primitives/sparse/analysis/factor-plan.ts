import { integers } from '../../../tensor/dtype.ts';
import type { Rows } from '../../../tensor/sparsity-pattern.ts';
import type { Analysis } from './analysis.ts';
import { at } from './integers.ts';
import { StackPlaces } from './stack-places.ts';

/** Columns of the table of panels. */
export const fields = {
  /** First column, number of columns, rows below them. */
  first: 0,
  columns: 1,
  below: 2,
  /** Where the panel is in the factor: `columns + below` rows, column after column. */
  panel: 3,
  /** For LU, where the rows of U right of the diagonal block are, one after the other. */
  upper: 4,
  /** For LU, which row of the block each pivot was in. */
  pivots: 5,
  /** Where the rows below are in `rows`, and their places in the front of the parent in `relative`. */
  rows: 6,
  /** Where the update of the rows below is kept until the parent takes it. */
  update: 7,
  /** Which elements of `source` and `target` are the matrix's own entries. */
  entries: 8,
  entriesEnd: 9,
  /** Which elements of `children` are below it. */
  children: 10,
  childrenEnd: 11,
  /** How many of its rows below are columns of its parent. */
  inside: 12,
} as const;

export const fieldCount = 13;

/** Where everything is when a matrix is factorized and when a system is solved. */
export interface FactorPlan {
  readonly kind: 'cholesky' | 'lu';
  /** Order of the matrix. */
  readonly order: number;
  readonly panels: number;
  /** Columns of `fields` for each panel. */
  readonly table: Int32Array;
  readonly rows: Int32Array;
  readonly relative: Int32Array;
  readonly children: Int32Array;
  /** Entry `source[i]` of the matrix belongs to element `target[i]` of the factor. */
  readonly source: Int32Array;
  readonly target: Int32Array;
  /** For each place of the elimination, the row of the matrix that is there at first. */
  readonly rowAt: Int32Array;
  /** For each place of the elimination, the column that is there. */
  readonly columnAt: Int32Array;
  /** Which entries of the matrix are on its diagonal once rows are moved. */
  readonly diagonal: Uint8Array;
  /** Elements of the factor; an LU factor has one more, which says what was changed. */
  readonly factorSize: number;
  /** Elements of memory for updates. */
  readonly stackSize: number;
  /** Rows below a panel, at most. */
  readonly mostBelow: number;
}

/** The places for an analysis of a pattern. Of a symmetric matrix only the lower triangle is read. */
export function factorPlan(kind: 'cholesky' | 'lu', pattern: Rows, analysis: Analysis): FactorPlan {
  const { supernodes, size } = analysis;
  const { first, rowStarts, rows, parent } = supernodes;
  const panels = parent.length;
  const table = integers(panels * fieldCount);
  const field = (s: number, name: keyof typeof fields): number =>
    at(table, s * fieldCount + fields[name]);
  const set = (s: number, name: keyof typeof fields, value: number): void => {
    table[s * fieldCount + fields[name]] = value;
  };
  const lu = kind === 'lu';
  let next = 0;
  let mostBelow = 0;
  for (let s = 0; s < panels; s++) {
    const columns = at(first, s + 1) - at(first, s);
    const below = at(rowStarts, s + 1) - at(rowStarts, s);
    set(s, 'first', at(first, s));
    set(s, 'columns', columns);
    set(s, 'below', below);
    set(s, 'panel', next);
    next += columns * (columns + below);
    if (lu) {
      set(s, 'upper', next);
      next += columns * below;
      set(s, 'pivots', next);
      next += columns;
    }
    set(s, 'rows', at(rowStarts, s));
    const end = at(first, at(parent, s) + 1);
    let inside = 0;
    while (inside < below && at(rows, at(rowStarts, s) + inside) < end) inside++;
    set(s, 'inside', inside);
    mostBelow = Math.max(mostBelow, below);
  }
  const { children, stackSize } = placeUpdates(panels, parent, field, set);
  const relative = relativeRows(analysis);
  const { source, target, diagonal } = placeEntries(lu, pattern, analysis, field, set);
  const rowAt = integers(size);
  analysis.nodeOfRow.forEach((node, row) => {
    rowAt[at(analysis.place, node)] = row;
  });
  return {
    kind,
    order: size,
    panels,
    table,
    rows: supernodes.rows,
    relative,
    children,
    source,
    target,
    diagonal,
    rowAt,
    columnAt: analysis.order,
    factorSize: next + Number(lu),
    stackSize,
    mostBelow,
  };
}

type Field = (s: number, name: keyof typeof fields) => number;
type SetField = (s: number, name: keyof typeof fields, value: number) => void;

/** Where updates are kept: one is there from its panel to that of its parent. */
function placeUpdates(
  panels: number,
  parent: Int32Array,
  field: Field,
  set: SetField,
): { children: Int32Array; stackSize: number } {
  const below: number[][] = Array.from({ length: panels }, () => []);
  const children: number[] = [];
  const places = new StackPlaces();
  for (let s = 0; s < panels; s++) {
    set(s, 'update', places.take(field(s, 'below') ** 2));
    set(s, 'children', children.length);
    for (const child of below[s] ?? []) {
      children.push(child);
      places.release(field(child, 'update'), field(child, 'below') ** 2);
    }
    set(s, 'childrenEnd', children.length);
    const up = at(parent, s);
    if (up >= 0) below[up]?.push(s);
  }
  return { children: Int32Array.from(children), stackSize: places.end };
}

/** For each row below a panel, its place among the columns and rows of the parent. */
function relativeRows({ supernodes, size }: Analysis): Int32Array {
  const { first, parent, rowStarts, rows } = supernodes;
  const relative = integers(rows.length);
  const found = integers(size);
  const children: number[][] = Array.from({ length: parent.length }, () => []);
  parent.forEach((up, s) => {
    if (up >= 0) children[up]?.push(s);
  });
  children.forEach((own, s) => {
    if (own.length === 0) return;
    let next = 0;
    for (let j = at(first, s); j < at(first, s + 1); j++) found[j] = next++;
    for (let k = at(rowStarts, s); k < at(rowStarts, s + 1); k++) found[at(rows, k)] = next++;
    for (const child of own) {
      for (let k = at(rowStarts, child); k < at(rowStarts, child + 1); k++) {
        relative[k] = at(found, at(rows, k));
      }
    }
  });
  return relative;
}

/** Which element of the factor each entry of the matrix starts as. */
function placeEntries(
  lu: boolean,
  { indptr, indices }: Rows,
  { size, place, nodeOfRow, supernodes: { first, rows, rowStarts, parent } }: Analysis,
  field: Field,
  set: SetField,
): { source: Int32Array; target: Int32Array; diagonal: Uint8Array } {
  const panels = parent.length;
  const diagonal = new Uint8Array(indices.length);
  const owner = integers(size);
  for (let s = 0; s < panels; s++) owner.fill(s, at(first, s), at(first, s + 1));
  const own: number[][] = Array.from({ length: panels }, () => []);
  const rowOf = integers(indices.length);
  for (let i = 0; i < size; i++) {
    const row = at(place, at(nodeOfRow, i));
    for (let k = at(indptr, i); k < at(indptr, i + 1); k++) {
      const column = at(place, at(indices, k));
      rowOf[k] = row;
      diagonal[k] = Number(row === column);
      if (lu || row >= column) own[at(owner, Math.min(row, column))]?.push(k);
    }
  }
  const source: number[] = [];
  const target: number[] = [];
  const found = integers(size);
  for (let s = 0; s < panels; s++) {
    set(s, 'entries', source.length);
    const start = at(first, s);
    const columns = field(s, 'columns');
    const below = field(s, 'below');
    for (let j = 0; j < columns; j++) found[start + j] = j;
    for (let k = 0; k < below; k++) found[at(rows, at(rowStarts, s) + k)] = columns + k;
    for (const k of own[s] ?? []) {
      const row = at(found, at(rowOf, k));
      const column = at(found, at(place, at(indices, k)));
      source.push(k);
      target.push(
        column < columns
          ? field(s, 'panel') + column * (columns + below) + row
          : field(s, 'upper') + row * below + column - columns,
      );
    }
    set(s, 'entriesEnd', source.length);
  }
  return { source: Int32Array.from(source), target: Int32Array.from(target), diagonal };
}
