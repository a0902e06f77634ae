import type { Expr, MathFunction } from '../expr.ts';
import { math as apply } from '../scalars.ts';
import * as functions from './functions.ts';

const byName: { readonly [Name in MathFunction]: functions.FloatFunction<Name> } = { ...functions };

/** A function of floats by its name, of operands of one float type. */
export function math(fn: MathFunction, ...args: readonly [Expr, ...Expr[]]): Expr {
  return apply(byName[fn], ...args);
}
