import { type Affine, affineAdd, affineOf, affineScale, rejoined } from './affine.ts';
import type { Expr, Local, Loop } from './expr.ts';
import { mapOperands } from './operands.ts';
import { indexValue } from './scalars.ts';
import type { Statement } from './statement.ts';

/** Puts offsets in the places of loop variables, and values in those of locals. */
export class Substitution {
  readonly #loops: ReadonlyMap<Loop, Affine>;
  readonly #locals: ReadonlyMap<Local, Expr>;
  readonly #known = new Map<Expr, Expr>();

  constructor(loops: ReadonlyMap<Loop, Affine>, locals: ReadonlyMap<Local, Expr> = new Map()) {
    this.#loops = loops;
    this.#locals = locals;
  }

  store(statement: Extract<Statement, { do: 'store' }>): Statement {
    const index = this.affine(statement.index);
    return { ...statement, index, value: this.expr(statement.value) };
  }

  affine({ base, terms }: Affine): Affine {
    const sum = terms.reduce<Affine>(
      (all, { coefficient, factor }) =>
        affineAdd(all, affineScale(affineOf(this.expr(factor)), coefficient)),
      { base, terms: [] },
    );
    return rejoined(sum);
  }

  /** What is shared stays shared. */
  expr(expr: Expr): Expr {
    const known = this.#known.get(expr);
    if (known) return known;
    const made = this.#make(expr);
    this.#known.set(expr, made);
    return made;
  }

  #make(expr: Expr): Expr {
    switch (expr.op) {
      case 'const':
        return expr;
      case 'local':
        return this.#locals.get(expr.local) ?? expr;
      case 'loop': {
        const place = this.#loops.get(expr.loop);
        return place ? indexValue(place) : expr;
      }
      case 'index':
        return indexValue(this.affine(expr.index));
      case 'load':
        return { ...expr, index: this.affine(expr.index) };
      default:
        return mapOperands(expr, (operand) => this.expr(operand));
    }
  }
}
