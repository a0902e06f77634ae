/**
 * The order of a reduction. Let W be the lanes of a vector of the dtype: 2 for float64, 4 else.
 * Along the innermost loop, element k belongs to chain k mod 8 as long as whole vectors are there.
 * Each chain is folded in order; the chains are combined by halves, first those whose numbers
 * differ by whole vectors, then the lanes of a vector; and what is left, less than W elements, is
 * added one by one. A long sum of floats is cut into blocks of 128 elements first, whose chains
 * are combined pairwise (`counter.ts`), and so are the results of the loops around the innermost.
 *
 * The same order is kept in three kinds of code: with a vector for W chains in a row; with several
 * shorter vectors where wider types are involved; and, inside a loop whose iterations are
 * lanes, with a vector for one chain in each of several reductions.
 */
import type { Loop } from '../../../kernel/expr.ts';
import type { Node } from '../lane/node.ts';
import { LaneOps } from '../lane/ops.ts';
import { printBlocked } from './reduce-blocked.ts';
import { blockRounds, InnerLoop } from './reduce-inner.ts';
import { type Reduce, ReduceValues } from './reduce-values.ts';
import { type SharedSums, shareSums } from './shared-sum.ts';
import type { StatementPrinter } from './statements.ts';

export function printReduce(printer: StatementPrinter, statement: Reduce): void {
  const { emitter, lowering, storage } = printer;
  const { loops, target, value } = statement;
  const lanes = lowering.vector?.lanes ?? 1;
  const ops = new LaneOps(emitter.graph, lanes);
  if (loops.length > 0 && statement.order === 'blocked') {
    const sum = printBlocked(printer, statement, ops);
    if (lowering.vector) lowering.setVectorLocal(target, sum);
    else storage.write(target, () => emitter.push(sum));
    return;
  }
  const values = new ReduceValues(printer, statement);
  const result =
    loops.length > 0
      ? new Reduction(values, ops).print()
      : values.combined(ops, values.neutral(ops), lowering.lower(value));
  if (lowering.vector) lowering.setVectorLocal(target, result);
  else storage.write(target, () => emitter.push(result));
}

/** The loops of a reduction; its values are in lanes like those of `ops`. */
class Reduction {
  readonly #values: ReduceValues;
  readonly #ops: LaneOps;
  readonly #around: readonly Loop[];
  readonly #inner: InnerLoop;

  constructor(values: ReduceValues, ops: LaneOps) {
    const { loops } = values.statement;
    this.#values = values;
    this.#ops = ops;
    this.#around = loops.slice(0, -1);
    this.#inner = new InnerLoop(values, loops.at(-1) ?? { name: 'once', extent: 1 });
  }

  print(): Node {
    const { statement } = this.#values;
    const total = this.#values.local(this.#ops.lanes);
    if (statement.loops.some(({ extent }) => extent === 0)) this.#values.clear([total], this.#ops);
    else this.#outer(total);
    return this.#values.current(total, this.#ops.lanes);
  }

  /** Runs the loops around the innermost, and combines what that leaves. */
  #outer(total: number): void {
    const count = this.#around.reduce((product, { extent = 0 }) => product * extent, 1);
    if (count === 1) {
      this.#nest(this.#around, () => this.#inner.print(total));
      return;
    }
    const row = this.#values.local(this.#ops.lanes);
    this.#values.clear([total], this.#ops);
    if (!this.#values.pairwise || count <= blockRounds) {
      const merge = this.#values.merge(this.#ops);
      this.#nest(this.#around, () => {
        this.#inner.print(row);
        merge([total], [row], [total]);
      });
      return;
    }
    const shared = this.#share(row, count);
    if (shared) {
      this.#combine(total, row, count, shared);
      return;
    }
    const counter = this.#values.counter(this.#ops, [row], count);
    this.#nest(this.#around, () => {
      this.#inner.print(row);
      counter.push([row]);
    });
    counter.finish([total]);
  }

  /** Combines what threads have summed, and the rows that are left. */
  #combine(total: number, row: number, count: number, shared: SharedSums): void {
    const { emitter } = this.#values.printer;
    const number = emitter.builder.newLocal('i32');
    const pieces = this.#values.counter(this.#ops, [row], shared.pieces);
    shared.print(number, [row], () => pieces.push([row]));
    const done = shared.pieces * shared.units;
    if (count > done) {
      const counter = this.#values.counter(this.#ops, [row], count - done);
      emitter.code.i32(done);
      emitter.code.set(number);
      this.#rows(number, count - done, row, () => counter.push([row]));
      counter.finish([total]);
    }
    pieces.finish([total]);
  }

  /** Has threads sum most of the rows of the only loop around the innermost. */
  #share(row: number, count: number): SharedSums | undefined {
    const { printer, statement } = this.#values;
    if (this.#around.length > 1 || this.#ops.lanes > 1) return undefined;
    return shareSums(printer, statement, {
      like: this.#values.current(row, this.#ops.lanes),
      parts: 1,
      count,
      operations: this.#inner.operations,
      print: (inner, rows, first) => {
        const values = new ReduceValues(inner, statement);
        const reduction = new Reduction(values, new LaneOps(inner.emitter.graph, 1));
        const sum = values.local(1);
        const counter = values.counter(reduction.#ops, [sum], rows);
        reduction.#rows(first, rows, sum, () => counter.push([sum]));
        return counter.top;
      },
    });
  }

  /** Sums so many rows from the one in a local on, each into a local, and takes them. */
  #rows(first: number, rows: number, row: number, take: () => void): void {
    const { printer } = this.#values;
    const [loop] = this.#around;
    if (loop) {
      printer.countedFrom(loop, first, rows, () => {
        this.#inner.print(row);
        take();
      });
    }
  }

  #nest([first, ...others]: readonly Loop[], body: () => void): void {
    const { printer } = this.#values;
    if (!first) body();
    else printer.counted(first, undefined, true, undefined, () => this.#nest(others, body));
  }
}
