import type { Index } from '../kernel/affine.ts';
import type { Expr } from '../kernel/expr.ts';
import { binary, cast, compare, select, unary } from '../kernel/scalars.ts';
import type { Lowering } from './define.ts';
import type { Jet, Jets } from './jet.ts';
import { add, mul, num } from './kernel-pair.ts';
import type { MutableScalar, NestBuilder } from './nest-builder.ts';

/** Below this part of a sum, a term is left out. */
const small = num(2 ** -54);

/** Steps after which a sum is given up and NaN, far more than it takes for parameters up to 10^10. */
const most = 1e6;

/** A series in locals, where it is added up. */
class State {
  readonly #locals: readonly MutableScalar[];
  constructor(k: NestBuilder, start: Jet<Expr>) {
    this.#locals = Array.from(start, (x) => k.local('float64', x ?? num(0)));
  }
  /** The coefficients, each one there. */
  get(): readonly Expr[] {
    return this.#locals.map((local) => local.get());
  }
  /** Sets all coefficients at once. */
  static assign(k: NestBuilder, ...pairs: readonly (readonly [State, Jet<Expr>])[]): void {
    const temporary = pairs.map(([, jet]) =>
      Array.from(jet, (x) => k.local('float64', x ?? num(0))),
    );
    pairs.forEach(([state], i) => {
      state.#locals.forEach((local, at) => {
        const value = temporary[i]?.[at];
        if (value) local.set(value.get());
      });
    });
  }
}

/** What a step of a sum leads to. */
interface Next {
  readonly term: Jet<Expr>;
  /** What is added to the sum; the term when left out. */
  readonly added?: Jet<Expr>;
  /** Whatever else the next step needs. */
  readonly extra?: Jet<Expr>;
}

/** Adds terms to a sum until they matter no more; NaN when that takes too long. */
export function accumulate(
  k: NestBuilder,
  start: { readonly sum: Jet<Expr>; readonly term: Jet<Expr>; readonly extra?: Jet<Expr> },
  next: (step: Expr, term: Jet<Expr>, extra: Jet<Expr>) => Next,
  jets: Jets<Expr>,
): Jet<Expr> {
  const total = new State(k, start.sum);
  const term = new State(k, start.term);
  const extra = new State(k, start.extra ?? []);
  const step = k.local('float64', num(0));
  const matters = (): Expr => {
    const totals = total.get();
    const each = term.get().map((t, at) => {
      const bound = mul(small, unary('abs', totals[at] ?? num(0)));
      return compare('gt', unary('abs', t), bound);
    });
    const any = each.reduce((x, y) => binary('or', x, y));
    return binary('and', any, compare('lt', step.get(), num(most)));
  };
  k.repeatWhile(matters, () => {
    step.set(add(step.get(), num(1)));
    const after = next(step.get(), term.get(), extra.get());
    State.assign(
      k,
      [term, after.term],
      [total, jets.add(total.get(), after.added ?? after.term)],
      [extra, after.extra ?? []],
    );
  });
  const failed = compare('ge', step.get(), num(most));
  return total.get().map((x) => select(failed, num(Number.NaN), x));
}

/** A kernel that computes each element by statements of its own, in float64. */
export function eachElement<Arity extends 2 | 3, P extends object>(
  value: (k: NestBuilder, operands: readonly Expr[], params: P) => Expr,
): Lowering<Arity, P> {
  return {
    kind: 'nest',
    emit: (k, reads, { params, results: [result] }) => {
      const shape = result?.shape ?? [];
      k.forEach(shape, (index: Index) => {
        const operands = reads.map((read) => {
          const local = k.local('float64', cast('float64', read(index)));
          return local.get();
        });
        k.write(0, index, cast(result?.dtype ?? 'float64', value(k, operands, params)));
      });
    },
  };
}
