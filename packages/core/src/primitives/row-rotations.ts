import type { Affine } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import {
  eachFrom,
  int,
  type KernelMatrix,
  type KernelVector,
  place,
  times,
} from './kernel-matrix.ts';
import { add, div, mul, sub } from './kernel-pair.ts';
import type { MutableScalar, NestBuilder } from './nest-builder.ts';

/** Rotations that are applied in one pass over their rows. */
const together = 4;

/** Rotations of neighboring rows: number i turns rows i and i+1. */
export interface RowRotations {
  readonly cosines: KernelVector;
  readonly sines: KernelVector;
  /** The first number that is applied. */
  readonly first: Expr;
  readonly count: Expr;
  /** Whether numbers rise or fall from one to the next. */
  readonly step: 1 | -1;
}

/**
 * Applies rotations one after the other to the rows of a matrix. The rows that several rotations in a row
 * share stay in registers, so that a row is read and written once for all of these.
 *
 * With rising numbers a rotation takes rows (x, y) to (c x + s y, c y - s x), and with falling ones rows
 * (x, y) to (c x - s y, c y + s x): the row that the next rotation shares is the one that s is subtracted in.
 */
export function rotateRows(
  k: NestBuilder,
  matrix: KernelMatrix,
  columns: number,
  { cosines, sines, first, count, step }: RowRotations,
): void {
  const pass = (number: MutableScalar, rotations: number): void => {
    const factors = Array.from({ length: rotations }, (_, i) => {
      const at = place(number.get(), step * i);
      const c = cosines.read(at);
      return [k.local(c.type, c), k.local(c.type, sines.read(at))] as const;
    });
    // The row that is done first, and those after it.
    const rows: Affine[] = Array.from({ length: rotations + 1 }, (_, i) =>
      place(number.get(), step > 0 ? i : 1 - i),
    );
    eachFrom(k, int(0), int(columns), (column) => {
      const values = rows.map((row) => matrix.read(row, column));
      let [shared] = values;
      factors.forEach(([c, s], i) => {
        const [row, next] = [rows[i], values[i + 1]];
        if (!row || !next || !shared) throw new Error('unreachable');
        matrix.write(row, column, add(mul(c.get(), shared), mul(s.get(), next)));
        shared = sub(mul(c.get(), next), mul(s.get(), shared));
      });
      const last = rows.at(-1);
      if (last && shared) matrix.write(last, column, shared);
    });
  };
  const groups = k.local('int32', div(count, int(together)));
  const number = k.local('int32', first);
  times(k, groups.get(), () => {
    pass(number, together);
    number.set(add(number.get(), int(step * together)));
  });
  times(k, sub(count, mul(groups.get(), int(together))), () => {
    pass(number, 1);
    number.set(add(number.get(), int(step)));
  });
}
