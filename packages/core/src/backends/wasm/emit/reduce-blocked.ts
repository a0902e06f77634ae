import { cutOf } from '../../../kernel/cut.ts';
import type { Loop } from '../../../kernel/expr.ts';
import type { Node } from '../../../kernel/lane/node.ts';
import type { LaneOps } from '../../../kernel/lane/ops.ts';
import type { Statement } from '../../../kernel/statement.ts';
import { valueType } from '../lane/print.ts';
import { kindOf } from './lower.ts';
import { pushLesser } from './ranges.ts';
import type { StatementPrinter } from './statements.ts';
import { repeat } from './vector-loop.ts';

type Reduce = Extract<Statement, { do: 'reduce' }>;

/** Prints a blocked sum where it makes no tiles, in the same order; gives its value. */
export function printBlocked(printer: StatementPrinter, statement: Reduce, ops: LaneOps): Node {
  return new BlockedSum(printer, statement, ops).print();
}

class BlockedSum {
  readonly #printer: StatementPrinter;
  readonly #statement: Reduce;
  readonly #ops: LaneOps;
  #reads = 0;

  constructor(printer: StatementPrinter, statement: Reduce, ops: LaneOps) {
    this.#printer = printer;
    this.#statement = statement;
    this.#ops = ops;
  }

  print(): Node {
    const { emitter } = this.#printer;
    const { loops } = this.#statement;
    const [total, sum] = [this.#local(), this.#local()];
    const { at, size } = cutOf(loops);
    const cut = loops[at];
    if (!cut || loops.some(({ extent }) => extent === 0)) return this.#constant(0);
    const extent = cut.extent ?? 1;
    const [from, end] = [emitter.builder.newLocal('i32'), emitter.builder.newLocal('i32')];
    // What is added to the first sum must not change it, not even -0.
    this.#set(total, this.#constant(-0));
    this.#nested(loops.slice(0, at), () => {
      emitter.code.i32(0);
      emitter.code.set(from);
      emitter.loop(
        undefined,
        true,
        () => {
          this.#set(sum, this.#constant(0));
          this.#block(cut, loops.slice(at + 1), sum, from, end, size);
          this.#set(total, this.#ops.add(this.#current(total), this.#current(sum)));
        },
        (body) => repeat(emitter.code, body, from, size, () => emitter.code.i32(extent)),
      );
    });
    return this.#current(total);
  }

  /** Adds the terms of one block, in order. */
  #block(
    cut: Loop,
    inner: readonly Loop[],
    sum: number,
    from: number,
    end: number,
    size: number,
  ): void {
    const { emitter } = this.#printer;
    const { code } = emitter;
    const { local } = this.#printer.variable(cut);
    code.get(from);
    code.tee(local);
    code.i32(size);
    code.op('i32.add');
    code.set(end);
    pushLesser(code, { local: end }, cut.extent ?? 1);
    code.set(end);
    emitter.loop(
      undefined,
      true,
      () => this.#nested(inner, () => this.#term(sum)),
      (body) => repeat(code, body, local, 1, () => code.get(end)),
    );
  }

  #term(sum: number): void {
    const { lowering, emitter } = this.#printer;
    const { value } = this.#statement;
    const old = this.#current(sum);
    const isProduct = value.op === 'binary' && value.fn === 'mul';
    if (isProduct && emitter.parts.fused) {
      this.#set(sum, this.#ops.madd(lowering.lower(value.x), lowering.lower(value.y), old));
    } else {
      this.#set(sum, this.#ops.add(old, lowering.lower(value)));
    }
  }

  #nested([first, ...others]: readonly Loop[], body: () => void): void {
    if (!first) body();
    else this.#printer.counted(first, undefined, true, undefined, () => this.#nested(others, body));
  }

  #constant(value: number): Node {
    return this.#ops.constant(kindOf(this.#statement.target.type), value);
  }

  #local(): number {
    const kind = kindOf(this.#statement.target.type);
    const type = valueType({ kind, lanes: this.#ops.lanes });
    return this.#printer.emitter.builder.newLocal(type);
  }

  /** A value in a local, as it is now. */
  #current(local: number): Node {
    const { graph, scopes } = this.#printer.emitter;
    const kind = kindOf(this.#statement.target.type);
    return graph.node('local', kind, this.#ops.lanes, [], {
      number: local,
      detail: `blocked ${this.#reads++}`,
      level: scopes.at(-1)?.level ?? 0,
    });
  }

  #set(local: number, value: Node): void {
    const { emitter } = this.#printer;
    emitter.announce([value]);
    emitter.push(value);
    emitter.code.set(local);
  }
}
