import { affineLoop } from '../kernel/affine.ts';
import type { Expr, Scalar } from '../kernel/expr.ts';
import { binary, compare, constant, indexValue, unary } from '../kernel/scalars.ts';
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
import type { NestBuilder } from './nest-builder.ts';
import { rotateRows } from './row-rotations.ts';

/** Sweeps for each eigenvalue, at most; two or so is what they take. */
export const sweepsForEach = 40;

/** What the iteration works on. */
export interface QlState {
  readonly type: 'float64' | 'float32';
  readonly n: number;
  /** The elements, of which it makes eigenvalues. */
  readonly diagonal: KernelVector;
  /** One element more than there are beside the diagonal. */
  readonly beside: KernelVector;
  readonly cosines: KernelVector;
  readonly sines: KernelVector;
  /** Its rows are turned like the basis; left out where only eigenvalues are wanted. */
  readonly rows?: KernelMatrix | undefined;
  /** Sweeps in all, at most, and the site of taking more. */
  readonly limit: number;
  readonly site: number;
}

/**
 * Eigenvalues of a symmetric tridiagonal matrix by the QL method with Wilkinson's shift (Bowdler, Martin,
 * Reinsch and Wilkinson, The QR and QL algorithms for symmetric matrices, Numerische Mathematik 11
 * (1968) 293-306). The rotations of a sweep are written down and applied to the rows of the basis after it.
 */
export function iterateQl(k: NestBuilder, state: QlState): void {
  const { type, n, diagonal: d, beside: e, cosines, sines, rows, limit, site } = state;
  const [zero, one, two] = [constant(type, 0), constant(type, 1), constant(type, 2)];
  const sweeps = k.local('int32', int(0));
  const largest = k.local(type, largestOf(k, type, n, d, e));
  k.sequential(n, (loop) => {
    const l = indexValue(affineLoop(loop));
    const end = k.local('int32', l);
    findEnd();
    k.repeatWhile(
      () => compare('gt', end.get(), l),
      () => {
        sweeps.set(add(sweeps.get(), int(1)));
        k.choose(compare('gt', sweeps.get(), int(limit)), () =>
          k.emit({ do: 'fail', site, detail: sweeps.get() }),
        );
        sweep();
        end.set(l);
        findEnd();
      },
    );

    /** The first position from l on beside which there is nothing, next to what is on the diagonal. */
    function findEnd(): void {
      const unit = constant(type, roundingUnit(type));
      const least = mul(largest.get(), constant(type, roundingUnit(type) ** 2));
      k.repeatWhile(
        () => {
          const size = add(abs(d.read(place(end.get()))), abs(d.read(place(end.get(), 1))));
          const bound = binary('max', mul(unit, size), least);
          const apart = compare('le', abs(e.read(place(end.get()))), bound);
          return binary('and', compare('lt', end.get(), int(n - 1)), unary('not', apart));
        },
        () => end.set(add(end.get(), int(1))),
      );
    }

    function sweep(): void {
      const first = place(l);
      const dl = k.local(type, d.read(first));
      const el = k.local(type, e.read(first));
      const half = k.local(type, div(sub(d.read(place(l, 1)), dl.get()), mul(two, el.get())));
      const root = binary('copysign', hypot(half.get(), one), half.get());
      const shift = div(el.get(), add(half.get(), root));
      const g = k.local(type, add(sub(d.read(place(end.get())), dl.get()), shift));
      const [s, c, p] = [k.local(type, one), k.local(type, one), k.local(type, zero)];
      const i = k.local('int32', minus(end.get(), 1));
      const broken = k.local('bool', constant('bool', 0));
      k.repeatWhile(
        () => binary('and', compare('ge', i.get(), l), unary('not', broken.get())),
        () => {
          const at = place(i.get());
          const next = place(i.get(), 1);
          const f = k.local(type, mul(s.get(), e.read(at)));
          const b = k.local(type, mul(c.get(), e.read(at)));
          const r = k.local(type, hypot(f.get(), g.get()));
          e.write(next, r.get());
          k.choose(
            compare('eq', r.get(), zero),
            () => {
              d.write(next, sub(d.read(next), p.get()));
              broken.set(constant('bool', 1));
            },
            () => {
              s.set(div(f.get(), r.get()));
              c.set(div(g.get(), r.get()));
              g.set(sub(d.read(next), p.get()));
              const cross = mul(mul(two, c.get()), b.get());
              r.set(add(mul(sub(d.read(at), g.get()), s.get()), cross));
              p.set(mul(s.get(), r.get()));
              d.write(next, add(g.get(), p.get()));
              g.set(sub(mul(c.get(), r.get()), b.get()));
              cosines.write(at, c.get());
              sines.write(at, s.get());
              i.set(minus(i.get(), 1));
            },
          );
        },
      );
      k.choose(unary('not', broken.get()), () => {
        d.write(first, sub(d.read(first), p.get()));
        e.write(first, g.get());
      });
      e.write(place(end.get()), zero);
      if (!rows) return;
      const top = k.local('int32', minus(end.get(), 1));
      const count = k.local('int32', sub(top.get(), i.get()));
      rotateRows(k, rows, n, { cosines, sines, first: top.get(), count: count.get(), step: -1 });
    }
  });
}

/** The largest magnitude in a tridiagonal matrix. */
function largestOf(
  k: NestBuilder,
  type: Scalar,
  n: number,
  d: KernelVector,
  e: KernelVector,
): Expr {
  const largest = k.local(type, abs(d.read(place(int(0)))));
  k.sequential(n - 1, (loop) => {
    const i = indexValue(affineLoop(loop));
    const both = binary('max', abs(e.read(place(i))), abs(d.read(place(i, 1))));
    largest.set(binary('max', largest.get(), both));
  });
  return largest.get();
}
