import type { Affine } from '../../kernel/affine.ts';
import type { Expr } from '../../kernel/expr.ts';
import { binary, compare, constant, unary } from '../../kernel/scalars.ts';
import type { MutableScalar } from '../nest-builder.ts';
import { checked } from './checked.ts';
import { type Front, inBlocks, type Line } from './front.ts';
import { minus, place, plus, times } from './positions.ts';

/**
 * Eliminates the columns of a symmetric front: L of its columns, and the lower triangle of the update.
 * `fault` is the site of a pivot that is not positive, and its number for the elimination's place.
 */
export function eliminateSymmetric(
  front: Front,
  fault: { readonly site: number; detail(place: Affine): Expr },
): void {
  const { k, columns, height, below } = front;
  const zero = constant(front.dtype, 0);
  inBlocks(front.k, front.columns, (start, width) => {
    const numbers = Array.from({ length: width }, (_, c) => front.keep(plus(start, c)));
    const lines = numbers.map((j) => front.column(j));
    lines.forEach((line, c) => {
      const j = numbers[c];
      if (!j) throw new Error('unreachable');
      const before = lines.slice(0, c);
      if (c > 0) {
        const factors = before.map((other) => front.scalar(other.read(place(j))));
        front.subtract(place(j), place(height), before, [{ line, factors }]);
      }
      const pivot = front.scalar(line.read(place(j)));
      const root = front.scalar(
        checked(
          compare('gt', pivot.get(), zero),
          unary('sqrt', pivot.get()),
          fault.site,
          fault.detail(place(front.first, j)),
        ),
      );
      const scale = front.scalar(binary('div', constant(front.dtype, 1), root.get()));
      line.write(place(j), root.get());
      k.range(
        place(j, 1),
        place(height),
        (i) => line.write(i, binary('mul', line.read(i), scale.get())),
        true,
      );
    });
    const factorsOf = (j: Expr): MutableScalar[] =>
      lines.map((line) => front.scalar(line.read(place(j))));
    const update = (rows: readonly Expr[], targetOf: (j: Expr) => Line): void => {
      const [begin] = rows;
      if (!begin) throw new Error('unreachable');
      const targets = rows.map((j) => ({ line: targetOf(j), factors: factorsOf(j) }));
      front.subtract(place(begin), place(height), lines, targets);
    };
    const next = front.keep(plus(start, width));
    front.inPairs(next, columns, (rows) => update(rows, (j) => front.column(j)));
    front.inPairs(columns, height, (rows) =>
      update(rows, (j) => {
        // Counted from row 0 of the front, as the panel is.
        const own = minus(plus(front.update, times(minus(j, columns), below)), columns);
        return front.stack(front.keep(own));
      }),
    );
  });
}
