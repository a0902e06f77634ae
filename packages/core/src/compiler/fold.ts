import { type Affine, affineAdd, affineRange, affineScale, type Index } from '../kernel/affine.ts';
import type { Comparison, Expr } from '../kernel/expr.ts';
import { cast, constant, indexValue } from '../kernel/scalars.ts';
import { sumUnderMask } from './mask.ts';

/**
 * Decides conditions on positions while code is built: comparisons of offsets whose bounds are
 * known become constants, and what they select is chosen at once. Of float arithmetic, only
 * negations are merged into sums, and masks of tangents gathered.
 */
export class Folder {
  readonly #folded = new Map<Expr, Expr>();

  fold(expr: Expr): Expr {
    if (expr.op === 'loop' || expr.op === 'const' || expr.op === 'local') return expr;
    const known = this.#folded.get(expr);
    if (known) return known;
    const result = this.#step(expr);
    this.#folded.set(expr, result);
    this.#folded.set(result, result);
    return result;
  }

  /** A position on each axis. */
  index(index: Index): Index {
    return index.some((position) => this.affine(position) !== position)
      ? index.map((position) => this.affine(position))
      : index;
  }

  affine(index: Affine): Affine {
    if (index.terms.every(({ factor }) => this.fold(factor) === factor)) return index;
    let sum: Affine = { base: index.base, terms: [] };
    for (const { coefficient, factor } of index.terms) {
      sum = affineAdd(sum, affineScale(asAffine(this.fold(factor)), coefficient));
    }
    return sum;
  }

  #step(expr: Exclude<Expr, { op: 'const' | 'loop' | 'local' }>): Expr {
    switch (expr.op) {
      case 'index': {
        const index = this.affine(expr.index);
        return index === expr.index ? expr : indexValue(index);
      }
      case 'load': {
        const index = this.affine(expr.index);
        return index === expr.index ? expr : { ...expr, index };
      }
      case 'cast': {
        const x = this.fold(expr.x);
        return x === expr.x ? expr : cast(expr.type, x);
      }
      case 'unary': {
        const x = this.fold(expr.x);
        if (expr.fn === 'not' && expr.type === 'bool' && x.op === 'const') {
          return constant('bool', 1 - x.value);
        }
        return x === expr.x ? expr : { ...expr, x };
      }
      case 'binary':
        return this.#binary(expr);
      case 'compare': {
        const x = this.fold(expr.x);
        const y = this.fold(expr.y);
        const known = x.type === 'int32' ? decide(expr.fn, asAffine(x), asAffine(y)) : undefined;
        if (known !== undefined) return constant('bool', Number(known));
        return x === expr.x && y === expr.y ? expr : { ...expr, x, y };
      }
      case 'select': {
        const condition = this.fold(expr.condition);
        if (condition.op === 'const') return this.fold(condition.value ? expr.x : expr.y);
        const x = this.fold(expr.x);
        const y = this.fold(expr.y);
        if (condition === expr.condition && x === expr.x && y === expr.y) return expr;
        return { ...expr, condition, x, y };
      }
      case 'bits':
      case 'math': {
        const args = expr.args.map((arg) => this.fold(arg));
        return args.every((arg, i) => arg === expr.args[i]) ? expr : { ...expr, args };
      }
      case 'check': {
        const x = this.fold(expr.x);
        const range = affineRange(asAffine(x));
        if (range && range[0] >= 0 && range[1] < expr.extent) return x;
        return x === expr.x ? expr : { ...expr, x };
      }
    }
  }

  #binary(expr: Extract<Expr, { op: 'binary' }>): Expr {
    const x = this.fold(expr.x);
    const y = this.fold(expr.y);
    if (expr.type === 'bool' && (expr.fn === 'and' || expr.fn === 'or')) {
      const neutral = expr.fn === 'and' ? 1 : 0;
      if (x.op === 'const') return x.value === neutral ? y : x;
      if (y.op === 'const') return y.value === neutral ? x : y;
    }
    // x + (-y) is x - y to the last bit, and x - (-y) is x + y.
    if (expr.fn === 'add' && isNegation(y)) return { ...expr, fn: 'sub', x, y: y.x };
    if (expr.fn === 'add' && isNegation(x)) return { ...expr, fn: 'sub', x: y, y: x.x };
    if (expr.fn === 'sub' && isNegation(y)) return { ...expr, fn: 'add', x, y: y.x };
    const underMask =
      expr.fn === 'add' || expr.fn === 'sub' ? sumUnderMask(expr.fn, x, y) : undefined;
    if (underMask) return underMask;
    if (x === expr.x && y === expr.y) return expr;
    return { ...expr, x, y };
  }
}

function isNegation(x: Expr): x is Extract<Expr, { op: 'unary' }> {
  return x.op === 'unary' && x.fn === 'neg';
}

function asAffine(x: Expr): Affine {
  if (x.op === 'const') return { base: x.value, terms: [] };
  if (x.op === 'index') return x.index;
  return { base: 0, terms: [{ coefficient: 1, factor: x }] };
}

/** The outcome of a comparison of two int32 offsets, where their bounds decide it. */
function decide(fn: Comparison, x: Affine, y: Affine): boolean | undefined {
  const range = affineRange(affineAdd(x, affineScale(y, -1)));
  if (range === undefined) return undefined;
  const [lo, hi] = range;
  switch (fn) {
    case 'lt':
      return hi < 0 ? true : lo >= 0 ? false : undefined;
    case 'le':
      return hi <= 0 ? true : lo > 0 ? false : undefined;
    case 'gt':
      return lo > 0 ? true : hi <= 0 ? false : undefined;
    case 'ge':
      return lo >= 0 ? true : hi < 0 ? false : undefined;
    case 'eq':
      return lo > 0 || hi < 0 ? false : lo === 0 && hi === 0 ? true : undefined;
    case 'ne':
      return lo > 0 || hi < 0 ? true : lo === 0 && hi === 0 ? false : undefined;
  }
}
