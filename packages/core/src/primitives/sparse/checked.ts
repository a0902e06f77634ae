import type { Expr } from '../../kernel/expr.ts';
import { onlyWhere, required } from '../../kernel/scalars.ts';

/** A value that is right only where a condition holds; where it does not, the call fails. */
export function checked(condition: Expr, value: Expr, site: number, detail: Expr): Expr {
  return onlyWhere(required(condition, site, detail), value);
}
