import { affineLoop } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary, compare, constant, indexValue, select, unary } from '../kernel/scalars.ts';
import { roundingUnit } from '../tensor/dtype.ts';
import {
  abs,
  hypot,
  int,
  type KernelMatrix,
  type KernelVector,
  minus,
  place,
} from './kernel-matrix.ts';
import { add, div, mul, sub } from './kernel-pair.ts';
import type { MutableScalar, NestBuilder } from './nest-builder.ts';
import { rotateRows } from './row-rotations.ts';

/** Sweeps for each singular value, at most; two or so is what they take. */
export const sweepsForEach = 40;

/**
 * What is beside the diagonal counts as zero below so many rounding units of the largest element. A sweep
 * leaves several units of it where singular values are equal.
 */
const negligible = 16;

/** Rotations of one side, and the rows that they turn, where these are wanted. */
interface Side {
  readonly cosines: KernelVector;
  readonly sines: KernelVector;
  readonly rows?: KernelMatrix | undefined;
  readonly columns: number;
}

/** What the iteration works on. */
export interface QrState {
  readonly type: 'float64' | 'float32';
  readonly n: number;
  /** The elements, of which it makes singular values with signs. */
  readonly diagonal: KernelVector;
  readonly beside: KernelVector;
  readonly left: Side;
  readonly right: Side;
  /** Sweeps in all, at most, and the site of taking more. */
  readonly limit: number;
  readonly site: number;
}

/**
 * Singular values of an upper bidiagonal matrix by the QR method (Golub and Reinsch, Singular value
 * decomposition and least squares solutions, Numerische Mathematik 14 (1970) 403-420), without a shift where
 * it would be lost beside the first element or a zero is on the diagonal (Demmel and Kahan, Accurate singular
 * values of bidiagonal matrices, SIAM Journal on Scientific and Statistical Computing 11 (1990) 873-912).
 * The rotations of a sweep are written down and applied to the rows of both bases after it.
 */
export function iterateQr(k: NestBuilder, state: QrState): void {
  const { type, n, diagonal: d, beside: e, left, right, limit, site } = state;
  const [zero, one] = [constant(type, 0), constant(type, 1)];
  const unit = constant(type, roundingUnit(type));
  const share = constant(type, negligible * roundingUnit(type));
  const nothing = k.local(type, mul(share, largestOf(k, state)));
  const sweeps = k.local('int32', int(0));
  // The last row of the part that is left, and its first.
  const last = k.local('int32', int(n - 1));
  const first = k.local('int32', int(0));
  const isApart = (i: Expr): Expr => compare('le', abs(e.read(place(i))), nothing.get());
  const shrink = (): void => {
    k.repeatWhile(
      () => binary('and', compare('gt', last.get(), int(0)), isApart(minus(last.get(), 1))),
      () => last.set(minus(last.get(), 1)),
    );
    first.set(last.get());
    k.repeatWhile(
      () =>
        binary(
          'and',
          compare('gt', first.get(), int(0)),
          unary('not', isApart(minus(first.get(), 1))),
        ),
      () => first.set(minus(first.get(), 1)),
    );
  };
  shrink();
  k.repeatWhile(
    () => compare('gt', last.get(), int(0)),
    () => {
      sweeps.set(add(sweeps.get(), int(1)));
      k.choose(compare('gt', sweeps.get(), int(limit)), () =>
        k.emit({ do: 'fail', site, detail: sweeps.get() }),
      );
      const count = k.local('int32', sub(last.get(), first.get()));
      const shift = shiftOf();
      k.choose(compare('gt', shift.get(), zero), () => sweep(shift), sweepUnshifted);
      for (const { rows, columns, cosines, sines } of [left, right]) {
        if (!rows) continue;
        rotateRows(k, rows, columns, {
          cosines,
          sines,
          first: first.get(),
          count: count.get(),
          step: 1,
        });
      }
      shrink();
    },
  );

  /** The smaller singular value of the last two rows, or 0. */
  function shiftOf(): MutableScalar {
    const least = k.local(type, abs(d.read(place(first.get()))));
    const start = k.local(type, least.get());
    k.range(place(first.get(), 1), place(last.get(), 1), (at) => {
      least.set(binary('min', least.get(), abs(d.read(at))));
    });
    const shift = k.local(type, zero);
    k.choose(compare('gt', least.get(), nothing.get()), () => {
      const before = place(last.get(), -1);
      const [f, g] = [k.local(type, abs(d.read(before))), k.local(type, e.read(before))];
      const h = k.local(type, abs(d.read(place(last.get()))));
      const [low, high] = [binary('min', f.get(), h.get()), binary('max', f.get(), h.get())];
      const sum = add(hypot(add(f.get(), h.get()), g.get()), hypot(sub(f.get(), h.get()), g.get()));
      shift.set(mul(low, div(mul(constant(type, 2), high), sum)));
      const ratio = div(shift.get(), start.get());
      const lost = compare('lt', mul(ratio, ratio), unit);
      shift.set(select(lost, zero, shift.get()));
    });
    return shift;
  }

  /** Calls `body` for each row of the part but the last. */
  function eachRow(body: (i: Expr) => void): void {
    k.range(place(first.get()), place(last.get()), (at) => {
      const i = k.local('int32', indexValue(at));
      body(i.get());
    });
  }

  function sweep(shift: MutableScalar): void {
    const start = k.local(type, d.read(place(first.get())));
    const sign = binary('copysign', one, start.get());
    const f = k.local(
      type,
      mul(sub(abs(start.get()), shift.get()), add(sign, div(shift.get(), start.get()))),
    );
    const g = k.local(type, e.read(place(first.get())));
    eachRow((i) => {
      const [at, next] = [place(i), place(i, 1)];
      const turn = rotation(f.get(), g.get());
      k.choose(compare('gt', i, first.get()), () => e.write(place(i, -1), turn.r.get()));
      const [di, ei, dn] = [d.read(at), e.read(at), d.read(next)].map((x) =>
        k.local(type, x).get(),
      );
      if (!di || !ei || !dn) throw new Error('unreachable');
      const { c, s } = turn;
      f.set(add(mul(c.get(), di), mul(s.get(), ei)));
      const below = k.local(type, sub(mul(c.get(), ei), mul(s.get(), di)));
      g.set(mul(s.get(), dn));
      const corner = k.local(type, mul(c.get(), dn));
      const back = rotation(f.get(), g.get());
      d.write(at, back.r.get());
      f.set(add(mul(back.c.get(), below.get()), mul(back.s.get(), corner.get())));
      d.write(next, sub(mul(back.c.get(), corner.get()), mul(back.s.get(), below.get())));
      k.choose(compare('lt', add(i, int(1)), last.get()), () => {
        const en = k.local(type, e.read(next));
        g.set(mul(back.s.get(), en.get()));
        e.write(next, mul(back.c.get(), en.get()));
      });
      note(right, i, turn);
      note(left, i, back);
    });
    e.write(place(last.get(), -1), f.get());
  }

  function sweepUnshifted(): void {
    const c = k.local(type, one);
    const [backC, backS] = [k.local(type, one), k.local(type, zero)];
    eachRow((i) => {
      const [at, next] = [place(i), place(i, 1)];
      const turn = rotation(mul(d.read(at), c.get()), e.read(at));
      c.set(turn.c.get());
      k.choose(compare('gt', i, first.get()), () =>
        e.write(place(i, -1), mul(backS.get(), turn.r.get())),
      );
      const back = rotation(mul(backC.get(), turn.r.get()), mul(d.read(next), turn.s.get()));
      d.write(at, back.r.get());
      backC.set(back.c.get());
      backS.set(back.s.get());
      note(right, i, turn);
      note(left, i, back);
    });
    const end = place(last.get());
    const h = k.local(type, mul(d.read(end), c.get()));
    d.write(end, mul(h.get(), backC.get()));
    e.write(place(last.get(), -1), mul(h.get(), backS.get()));
  }

  /** c and s that take (f, g) to (r, 0). */
  function rotation(f: Expr, g: Expr): Rotation {
    const [x, y] = [k.local(type, f), k.local(type, g)];
    const r = k.local(type, hypot(x.get(), y.get()));
    const empty = compare('eq', r.get(), zero);
    const safe = select(empty, one, r.get());
    const c = k.local(type, select(empty, one, div(x.get(), safe)));
    const s = k.local(type, div(y.get(), safe));
    return { c, s, r };
  }

  function note({ cosines, sines }: Side, i: Expr, { c, s }: Rotation): void {
    cosines.write(place(i), c.get());
    sines.write(place(i), s.get());
  }
}

interface Rotation {
  readonly c: MutableScalar;
  readonly s: MutableScalar;
  readonly r: MutableScalar;
}

/** The largest magnitude in a bidiagonal matrix. */
function largestOf(k: NestBuilder, { type, n, diagonal, beside }: QrState): Expr {
  const largest = k.local(type, abs(diagonal.read(place(int(n - 1)))));
  k.sequential(n - 1, (loop) => {
    const at = affineLoop(loop);
    const both = binary('max', abs(beside.read(at)), abs(diagonal.read(at)));
    largest.set(binary('max', largest.get(), both));
  });
  return largest.get();
}
