/**
 * LU of a front, with row exchanges among the rows of its diagonal block only: the pattern stays what
 * it is. Where no pivot of the block is as large as `tiny`, the one on the diagonal is made so, which
 * changes the matrix by as much; solutions are corrected by iterative refinement.
 *
 * Schenk and Gärtner, On fast factorization pivoting methods for sparse symmetric indefinite systems
 * (2006); Li and Demmel, Making sparse Gaussian elimination scalable by static pivoting (1998).
 */
import { affineZero } from '../../kernel/affine.ts';
import type { Expr } from '../../kernel/expr.ts';
import { binary, cast, compare, constant, select, unary } from '../../kernel/scalars.ts';
import type { MutableScalar } from '../nest-builder.ts';
import { type Front, inBlocks, type Line, lessProduct } from './front.ts';
import { place, plus } from './positions.ts';

/** What happens to pivots. */
export interface PivotRules {
  /** The least magnitude of a pivot. */
  readonly tiny: Expr;
  /** Notes that the pivot at a place of the elimination was changed. */
  changed(place: Expr): void;
}

/** Eliminates the columns of a front: L and the block of U, U right of it, and the update. */
export function eliminateGeneral(front: Front, rules: PivotRules): void {
  const { columns, height, below } = front;
  inBlocks(front.k, front.columns, (start, width) => {
    const numbers = Array.from({ length: width }, (_, c) => front.keep(plus(start, c)));
    const lines = numbers.map((j) => front.column(j));
    const rows = numbers.map((j) => front.row(j));
    lines.forEach((line, c) => {
      const j = numbers[c];
      const row = rows[c];
      if (!j || !row) throw new Error('unreachable');
      for (const [p, other] of lines.slice(0, c).entries()) {
        const factors = [front.scalar(line.read(place(numbers[p] ?? j)))];
        const after = place(numbers[p] ?? j, 1);
        front.subtract(after, place(height), [other], [{ line, factors }]);
      }
      exchange(front, line, j, rules);
      const factors = lines.slice(0, c).map((other) => front.scalar(other.read(place(j))));
      if (c > 0) {
        front.subtract(affineZero, place(below), rows.slice(0, c), [{ line: row, factors }]);
      }
    });
    const next = front.keep(plus(start, width));
    const factorsOf = (j: Expr): MutableScalar[] =>
      lines.map((line) => front.scalar(line.read(place(j))));
    front.inPairs(next, columns, (pair) => {
      const targets = pair.map((j) => {
        const line = front.column(j);
        return { line, factors: solveInBlock(front, lines, numbers, line) };
      });
      front.subtract(place(next), place(height), lines, targets);
    });
    front.inPairs(next, columns, (pair) => {
      const targets = pair.map((j) => ({ line: front.row(j), factors: factorsOf(j) }));
      front.subtract(affineZero, place(below), rows, targets);
    });
    // The update is kept by columns, as L is: its rows go with those of L below the block.
    const belowBlock = lines.map((line): Line => {
      const at = (i: Parameters<Line['read']>[0]) => place(columns, i);
      return { read: (i) => line.read(at(i)), write: (i, value) => line.write(at(i), value) };
    });
    front.inPairs(constant('int32', 0), below, (pair) => {
      const targets = pair.map((j) => ({
        line: front.updateColumn(j),
        factors: rows.map((row) => front.scalar(row.read(place(j)))),
      }));
      front.subtract(affineZero, place(below), belowBlock, targets);
    });
  });
}

/** The rows of U in a block of columns, in one column right of them; it is put there. */
function solveInBlock(
  front: Front,
  lines: readonly Line[],
  numbers: readonly Expr[],
  column: Line,
): MutableScalar[] {
  const found: MutableScalar[] = [];
  numbers.forEach((i, p) => {
    const value = found.reduce(
      (sum, u, q) => {
        const l = lines[q];
        return l ? lessProduct(sum, l.read(place(i)), u.get()) : sum;
      },
      column.read(place(i)),
    );
    const kept = front.scalar(value);
    if (p > 0) column.write(place(i), kept.get());
    found.push(kept);
  });
  return found;
}

/** Brings the largest element of a column of the block to the diagonal, and divides by it. */
function exchange(front: Front, line: Line, j: Expr, { tiny, changed }: PivotRules): void {
  const { k, dtype, columns, below, height } = front;
  const best = k.local('int32', j);
  const largest = front.scalar(unary('abs', line.read(place(j))));
  k.range(place(j, 1), place(columns), (i) => {
    const size = front.scalar(unary('abs', line.read(i)));
    const larger = k.local('bool', compare('gt', size.get(), largest.get()));
    best.set(select(larger.get(), plus(i, 0), best.get()));
    largest.set(select(larger.get(), size.get(), largest.get()));
  });
  front.factor(front.pivots).write(place(j), cast(dtype, best.get()));
  k.choose(compare('ne', best.get(), j), () => {
    k.range(affineZero, place(columns), (c) => {
      const other = front.column(c);
      const [x, y] = [other.read(place(j)), other.read(place(best.get()))].map((e) =>
        front.scalar(e),
      );
      if (!x || !y) throw new Error('unreachable');
      other.write(place(j), y.get());
      other.write(place(best.get()), x.get());
    });
    const [upper, lower] = [front.row(j), front.row(best.get())];
    k.range(affineZero, place(below), (c) => {
      const [x, y] = [front.scalar(upper.read(c)), front.scalar(lower.read(c))];
      upper.write(c, y.get());
      lower.write(c, x.get());
    });
  });
  const pivot = front.scalar(line.read(place(j)));
  const isTiny = unary('not', compare('ge', unary('abs', pivot.get()), tiny));
  k.choose(isTiny, () => {
    const isNegative = compare('lt', pivot.get(), constant(dtype, 0));
    pivot.set(select(isNegative, unary('neg', tiny), tiny));
    line.write(place(j), pivot.get());
    changed(plus(front.first, j));
  });
  const scale = front.scalar(binary('div', constant(dtype, 1), pivot.get()));
  k.range(
    place(j, 1),
    place(height),
    (i) => line.write(i, binary('mul', line.read(i), scale.get())),
    true,
  );
}
