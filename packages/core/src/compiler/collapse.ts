import { type Affine, type AffineTerm, affineLoop } from '../kernel/affine.ts';
import type { Expr, Loop } from '../kernel/expr.ts';
import { mapOperands, operandsOf } from '../kernel/operands.ts';
import { rounds, type Statement } from '../kernel/statement.ts';

/**
 * Merges loops that run over one contiguous range: where every offset moves by `m` times as much
 * in the outer loop as in the inner one of extent `m`, and neither variable is used otherwise, one
 * loop of the product of the extents does the same. Rows of an odd length then fill vectors.
 */
export function collapse(statements: readonly Statement[]): Statement[] {
  return statements.map(collapseOne);
}

function collapseOne(statement: Statement): Statement {
  switch (statement.do) {
    case 'for': {
      const outer: Statement & { do: 'for' } = { ...statement, body: collapse(statement.body) };
      const [inner, ...more] = outer.body;
      if (inner?.do !== 'for' || more.length > 0 || inner.parallel !== outer.parallel) return outer;
      const merged = mergedLoop(outer.loop, inner.loop, (usage) => usage.statements(inner.body));
      if (merged === undefined) return outer;
      return collapseOne({
        ...outer,
        loop: merged.loop,
        body: merged.rewrite.statements(inner.body),
      });
    }
    case 'reduce': {
      // The order of the terms of a sum is that of its loops, and stays as it is.
      if (statement.order || rounds(statement.combine, statement.target.type)) return statement;
      for (let i = statement.loops.length - 2; i >= 0; i--) {
        const [outer, inner] = statement.loops.slice(i, i + 2);
        if (!outer || !inner) continue;
        const merged = mergedLoop(outer, inner, (usage) => usage.expr(statement.value));
        if (merged === undefined) continue;
        const loops = [
          ...statement.loops.slice(0, i),
          merged.loop,
          ...statement.loops.slice(i + 2),
        ];
        return collapseOne({ ...statement, loops, value: merged.rewrite.expr(statement.value) });
      }
      return statement;
    }
    case 'if':
      // biome-ignore lint/suspicious/noThenProperty: a statement is never awaited.
      return { ...statement, then: collapse(statement.then), else: collapse(statement.else) };
    default:
      return statement;
  }
}

function mergedLoop(
  outer: Loop,
  inner: Loop,
  visit: (usage: Usage) => void,
): { loop: Loop; rewrite: Rewrite } | undefined {
  if (outer.extent === undefined || inner.extent === undefined) return undefined;
  const usage = new Usage(outer, inner);
  visit(usage);
  if (!usage.contiguous) return undefined;
  const loop: Loop = { name: inner.name, extent: outer.extent * inner.extent };
  return { loop, rewrite: new Rewrite(outer, inner, loop) };
}

function coefficientOf({ terms }: Affine, loop: Loop): number {
  return terms.find(({ factor }) => factor.op === 'loop' && factor.loop === loop)?.coefficient ?? 0;
}

/** Whether two loops appear only in offsets, and there as one contiguous range. */
class Usage {
  contiguous = true;
  readonly #outer: Loop;
  readonly #inner: Loop;
  readonly #seen = new Set<Expr>();

  constructor(outer: Loop, inner: Loop) {
    this.#outer = outer;
    this.#inner = inner;
  }

  statements(statements: readonly Statement[]): void {
    for (const statement of statements) {
      switch (statement.do) {
        case 'store':
          this.#affine(statement.index);
          this.expr(statement.value);
          break;
        case 'set':
        case 'reduce':
          this.expr(statement.value);
          break;
        default:
          this.contiguous = false;
      }
    }
  }

  expr(expr: Expr): void {
    if (this.#seen.has(expr) || !this.contiguous) return;
    this.#seen.add(expr);
    switch (expr.op) {
      case 'const':
      case 'local':
        break;
      case 'loop':
        if (expr.loop === this.#outer || expr.loop === this.#inner) this.contiguous = false;
        break;
      case 'index':
      case 'load':
        this.#affine(expr.index);
        break;
      default:
        for (const operand of operandsOf(expr)) this.expr(operand);
    }
  }

  #affine(index: Affine): void {
    const step = coefficientOf(index, this.#inner);
    if (coefficientOf(index, this.#outer) !== step * (this.#inner.extent ?? 0)) {
      this.contiguous = false;
    }
    for (const { factor } of index.terms) if (factor.op !== 'loop') this.expr(factor);
  }
}

/** Replaces two loops by the one that stands for both. */
class Rewrite {
  readonly #outer: Loop;
  readonly #inner: Loop;
  readonly #loop: Expr;
  readonly #known = new Map<Expr, Expr>();

  constructor(outer: Loop, inner: Loop, loop: Loop) {
    this.#outer = outer;
    this.#inner = inner;
    this.#loop = affineLoop(loop).terms[0]?.factor ?? { op: 'loop', type: 'int32', loop };
  }

  statements(statements: readonly Statement[]): Statement[] {
    return statements.map((statement): Statement => {
      switch (statement.do) {
        case 'store':
          return {
            ...statement,
            index: this.#affine(statement.index),
            value: this.expr(statement.value),
          };
        case 'set':
        case 'reduce':
          return { ...statement, value: this.expr(statement.value) };
        default:
          return statement;
      }
    });
  }

  expr(expr: Expr): Expr {
    const known = this.#known.get(expr);
    if (known) return known;
    const result = this.#step(expr);
    this.#known.set(expr, result);
    return result;
  }

  #step(expr: Expr): Expr {
    switch (expr.op) {
      case 'const':
      case 'loop':
      case 'local':
        return expr;
      case 'index':
      case 'load':
        return { ...expr, index: this.#affine(expr.index) };
      default:
        return mapOperands(expr, (operand) => this.expr(operand));
    }
  }

  #affine({ base, terms }: Affine): Affine {
    return {
      base,
      terms: terms.flatMap(({ coefficient, factor }): AffineTerm[] => {
        if (factor.op === 'loop' && factor.loop === this.#outer) return [];
        if (factor.op === 'loop' && factor.loop === this.#inner) {
          return [{ coefficient, factor: this.#loop }];
        }
        return [{ coefficient, factor: this.expr(factor) }];
      }),
    };
  }
}
