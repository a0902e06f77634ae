import type { Affine } from '../../../kernel/affine.ts';
import type { Expr, Local, Loop } from '../../../kernel/expr.ts';
import type { Lanes } from '../../../kernel/lane/node.ts';
import type { Statement } from '../../../kernel/statement.ts';
import { inPostOrder, someChild } from './effects.ts';

/** How a body would look with the iterations of one loop in the lanes of vectors. */
export interface LoopProfile {
  readonly lanes: Lanes;
  /** Loads and stores of neighbours. */
  readonly contiguous: number;
  /** Loads and stores of elements that are apart. */
  readonly scattered: number;
  /** Operations that take long. */
  readonly heavy: number;
  /** All operations in lanes. */
  readonly operations: number;
  /** About how many instructions they are. */
  readonly instructions: number;
}

/** Instructions of an operation that takes long, about. */
const heavyInstructions = 24;

/** Profiles a body of stores, sets and reductions. */
export function profileBody(body: readonly Statement[], loop: Loop): LoopProfile {
  const profiler = new Profiler(loop);
  for (const statement of body) profiler.statement(statement);
  return profiler.result();
}

/** Profiles expressions. */
export function profileExprs(exprs: readonly Expr[], loop: Loop): LoopProfile {
  const profiler = new Profiler(loop);
  for (const expr of exprs) profiler.varies(expr);
  return profiler.result();
}

class Profiler {
  readonly #loop: Loop;
  readonly #locals = new Set<Local>();
  readonly #known = new Map<Expr, boolean>();
  #wide = false;
  #contiguous = 0;
  #scattered = 0;
  #heavy = 0;
  #operations = 0;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  result(): LoopProfile {
    return {
      lanes: this.#wide ? 2 : 4,
      contiguous: this.#contiguous,
      scattered: this.#scattered,
      heavy: this.#heavy,
      operations: this.#operations,
      instructions: this.#operations + heavyInstructions * this.#heavy,
    };
  }

  statement(statement: Statement): void {
    switch (statement.do) {
      case 'store':
        if (statement.buffer.dtype === 'float64') this.#wide = true;
        this.varies(statement.value);
        this.#access(statement.index);
        break;
      case 'set':
        this.#set(statement.local, statement.value);
        break;
      case 'reduce':
        this.#set(statement.target, statement.value);
        break;
      default:
        throw new Error(`A ${statement.do} has no vector form.`);
    }
  }

  /** What the body sets is a vector, even if it is the same in each iteration. */
  #set(local: Local, value: Expr): void {
    this.varies(value);
    if (local.type === 'float64') this.#wide = true;
    this.#locals.add(local);
  }

  varies(root: Expr): boolean {
    // The same local may differ between iterations in one place and not in another.
    const known = (expr: Expr): boolean => expr.op === 'local' || this.#known.has(expr);
    const differs = (expr: Expr): boolean =>
      expr.op === 'local' ? this.#locals.has(expr.local) : (this.#known.get(expr) ?? false);
    inPostOrder(root, known, (expr) => {
      const isLoop = expr.op === 'loop' && expr.loop === this.#loop;
      const varies = isLoop || someChild(expr, differs);
      this.#known.set(expr, varies);
      if (varies && !isLoop) this.#count(expr);
    });
    return differs(root);
  }

  #count(expr: Expr): void {
    this.#operations++;
    if (expr.type === 'float64') this.#wide = true;
    if (expr.op === 'load') this.#access(expr.index);
    if (expr.op === 'math' || (expr.op === 'unary' && expr.fn === 'sqrt')) this.#heavy++;
    if (expr.op === 'binary' && expr.fn === 'div' && expr.type !== 'int32') this.#heavy++;
  }

  #access(index: Affine): void {
    let stride = 0;
    for (const { coefficient, factor } of index.terms) {
      if (factor.op === 'loop') stride += factor.loop === this.#loop ? coefficient : 0;
      else if (this.varies(factor)) stride = Number.NaN;
    }
    if (stride === 1) this.#contiguous++;
    else if (stride !== 0) this.#scattered++;
  }
}
