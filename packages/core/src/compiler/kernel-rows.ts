import { type Affine, affineRange } from '../kernel/affine.ts';
import type { Buffer, Expr, Loop } from '../kernel/expr.ts';
import { mapOperands, operandsOf } from '../kernel/operands.ts';
import type { Kernel, Statement } from '../kernel/statement.ts';

/**
 * A kernel whose outermost loops all go over the same rows, and compute each row from the same row of
 * what they read and from arrays that they read as a whole.
 */
export interface KernelRows {
  readonly count: number;
  /** Elements of a row of each parameter; 0 where it is read as a whole. */
  readonly strides: ReadonlyMap<Buffer, number>;
  /** Whether it has sums in blocked order, which are printed as tiles. */
  readonly hasTiles: boolean;
}

/** The rows of a kernel, where it has any. */
export function rowsOfKernel({ body }: Kernel): KernelRows | undefined {
  const [first] = body;
  const count = first?.do === 'for' ? first.loop.extent : undefined;
  if (count === undefined || count < 2) return undefined;
  const outer = new Set<Loop>();
  for (const statement of body) {
    const isLoop = statement.do === 'for' && statement.parallel && statement.loop.extent === count;
    if (!isLoop) return undefined;
    outer.add(statement.loop);
  }
  const accesses = new RowAccesses(outer, count);
  for (const statement of body) if (statement.do === 'for') accesses.statements(statement.body);
  const { ok, strides, hasTiles } = accesses;
  return ok ? { count, strides, hasTiles } : undefined;
}

/** How code reads and writes arrays in loops over their rows. */
export class RowAccesses {
  ok = true;
  hasTiles = false;
  /** Whether a local is read. */
  readsLocals = false;
  readonly strides = new Map<Buffer, number>();
  readonly #outer: ReadonlySet<Loop>;
  readonly #count: number;
  readonly #seen = new Set<Expr>();

  constructor(outer: ReadonlySet<Loop>, count: number) {
    this.#outer = outer;
    this.#count = count;
  }

  statements(statements: readonly Statement[]): void {
    for (const statement of statements) {
      switch (statement.do) {
        case 'for':
          if (statement.count) this.expr(statement.count);
          this.statements(statement.body);
          break;
        case 'store':
          this.#access(statement.buffer, statement.index, true);
          this.expr(statement.value);
          break;
        case 'set':
          this.expr(statement.value);
          break;
        case 'reduce':
          if (statement.order) this.hasTiles = true;
          this.expr(statement.value);
          break;
        case 'if':
          this.expr(statement.condition);
          this.statements(statement.then);
          this.statements(statement.else);
          break;
        case 'while':
          this.statements(statement.before);
          this.expr(statement.condition);
          this.statements(statement.body);
          break;
        default:
          this.ok = false;
      }
    }
  }

  expr(expr: Expr): void {
    if (this.#seen.has(expr) || !this.ok) return;
    this.#seen.add(expr);
    switch (expr.op) {
      case 'const':
        break;
      case 'local':
        this.readsLocals = true;
        break;
      case 'loop':
        if (this.#outer.has(expr.loop)) this.ok = false;
        break;
      // Which one fails first would depend on the order of the rows.
      case 'check':
        this.ok = false;
        break;
      case 'index':
        for (const { factor } of expr.index.terms) this.expr(factor);
        break;
      case 'load':
        this.#access(expr.buffer, expr.index, false);
        break;
      default:
        for (const operand of operandsOf(expr)) this.expr(operand);
    }
  }

  #access(buffer: Buffer, { base, terms }: Affine, isStore: boolean): void {
    let stride = 0;
    const inRow = terms.filter(({ coefficient, factor }) => {
      if (factor.op !== 'loop' || !this.#outer.has(factor.loop)) return true;
      stride += coefficient;
      return false;
    });
    for (const { factor } of inRow) this.expr(factor);
    const known = this.strides.get(buffer) ?? stride;
    this.strides.set(buffer, stride);
    if (known !== stride || stride < 0 || (isStore && stride === 0)) this.ok = false;
    if (stride === 0) return;
    const [least, most] = affineRange({ base, terms: inRow }) ?? [-1, 0];
    if (least < 0 || most >= stride || buffer.size !== stride * this.#count) this.ok = false;
  }
}

/** The same kernel for so many rows, and its parameters. */
export function withRows(
  kernel: Kernel,
  { strides }: KernelRows,
  count: number,
): { kernel: Kernel; params: ReadonlyMap<Buffer, Buffer> } {
  const params = paramsOf(kernel.params, strides, count);
  const loops = new Map<Loop, Loop>();
  for (const statement of kernel.body) {
    if (statement.do === 'for') loops.set(statement.loop, { ...statement.loop, extent: count });
  }
  const body = new Replacement(loops, params).statements(kernel.body);
  return { kernel: { ...kernel, params: [...params.values()], body }, params };
}

/** Parameters for so many rows. */
export function paramsOf(
  params: readonly Buffer[],
  strides: ReadonlyMap<Buffer, number>,
  count: number,
): Map<Buffer, Buffer> {
  const cut = new Map<Buffer, Buffer>();
  for (const param of params) {
    const stride = strides.get(param) ?? 0;
    cut.set(param, stride === 0 ? param : { ...param, size: stride * count });
  }
  return cut;
}

/** Puts loops and arrays in the places of others. */
export class Replacement {
  readonly #loops: ReadonlyMap<Loop, Loop>;
  readonly #buffers: ReadonlyMap<Buffer, Buffer>;
  readonly #known = new Map<Expr, Expr>();

  constructor(loops: ReadonlyMap<Loop, Loop>, buffers: ReadonlyMap<Buffer, Buffer>) {
    this.#loops = loops;
    this.#buffers = buffers;
  }

  statements(statements: readonly Statement[]): Statement[] {
    return statements.map((statement): Statement => {
      switch (statement.do) {
        case 'for': {
          const loop = this.#loops.get(statement.loop) ?? statement.loop;
          const inner = { ...statement, loop, body: this.statements(statement.body) };
          return statement.count ? { ...inner, count: this.expr(statement.count) } : inner;
        }
        case 'store':
          return {
            ...statement,
            buffer: this.#buffers.get(statement.buffer) ?? statement.buffer,
            index: this.#affine(statement.index),
            value: this.expr(statement.value),
          };
        case 'set':
          return { ...statement, value: this.expr(statement.value) };
        case 'reduce': {
          const loops = statement.loops.map((loop) => this.#loops.get(loop) ?? loop);
          return { ...statement, loops, value: this.expr(statement.value) };
        }
        case 'if':
          return {
            ...statement,
            condition: this.expr(statement.condition),
            // biome-ignore lint/suspicious/noThenProperty: a statement is never awaited.
            then: this.statements(statement.then),
            else: this.statements(statement.else),
          };
        case 'while':
          return {
            ...statement,
            before: this.statements(statement.before),
            condition: this.expr(statement.condition),
            body: this.statements(statement.body),
          };
        default:
          return statement;
      }
    });
  }

  expr(expr: Expr): Expr {
    const known = this.#known.get(expr);
    if (known) return known;
    const made = this.#make(expr);
    this.#known.set(expr, made);
    return made;
  }

  #make(expr: Expr): Expr {
    switch (expr.op) {
      case 'loop': {
        const loop = this.#loops.get(expr.loop);
        return loop ? { ...expr, loop } : expr;
      }
      case 'index':
        return { ...expr, index: this.#affine(expr.index) };
      case 'load': {
        const buffer = this.#buffers.get(expr.buffer) ?? expr.buffer;
        return { ...expr, buffer, index: this.#affine(expr.index) };
      }
      default:
        return mapOperands(expr, (operand) => this.expr(operand));
    }
  }

  #affine({ base, terms }: Affine): Affine {
    return {
      base,
      terms: terms.map((term) => ({ ...term, factor: this.expr(term.factor) })),
    };
  }
}
