import { type Affine, affineAdd, affineConst, affineOf } from '../../kernel/affine.ts';
import type { Expr } from '../../kernel/expr.ts';
import { binary, constant, indexValue } from '../../kernel/scalars.ts';

type Part = Affine | Expr | number;

function isExpr(part: Affine | Expr): part is Expr {
  return 'op' in part;
}

function asAffine(part: Part): Affine {
  if (typeof part === 'number') return affineConst(part);
  return isExpr(part) ? affineOf(part) : part;
}

/** The sum of offsets and int32 values, as an offset. */
export function place(...parts: readonly Part[]): Affine {
  return parts.map(asAffine).reduce(affineAdd);
}

function asExpr(part: Part): Expr {
  if (typeof part === 'number') return constant('int32', part);
  return isExpr(part) ? part : indexValue(part);
}

export function plus(x: Part, y: Part): Expr {
  return indexValue(place(x, y));
}

export function minus(x: Part, y: Part): Expr {
  return binary('sub', asExpr(x), asExpr(y));
}

export function times(x: Part, y: Part): Expr {
  return binary('mul', asExpr(x), asExpr(y));
}

/** Half of a number that is not negative, rounded down. */
export function half(x: Expr): Expr {
  return binary('shr_u', x, constant('int32', 1));
}
