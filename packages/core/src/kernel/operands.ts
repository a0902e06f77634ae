import type { Expr } from './expr.ts';

/** Operands of an expression other than those in offsets. */
export function operandsOf(expr: Expr): readonly Expr[] {
  switch (expr.op) {
    case 'unary':
    case 'cast':
    case 'check':
      return [expr.x];
    case 'binary':
    case 'compare':
      return [expr.x, expr.y];
    case 'select':
      return [expr.condition, expr.x, expr.y];
    case 'math':
    case 'bits':
      return expr.args;
    default:
      return [];
  }
}

/** The same operation on other operands; leaves, and what is loaded from an address, stay. */
export function mapOperands(expr: Expr, map: (operand: Expr) => Expr): Expr {
  switch (expr.op) {
    case 'unary':
    case 'cast':
    case 'check':
      return { ...expr, x: map(expr.x) };
    case 'binary':
    case 'compare':
      return { ...expr, x: map(expr.x), y: map(expr.y) };
    case 'select':
      return { ...expr, condition: map(expr.condition), x: map(expr.x), y: map(expr.y) };
    case 'math':
    case 'bits':
      return { ...expr, args: expr.args.map(map) };
    default:
      return expr;
  }
}
