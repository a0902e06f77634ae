/**
 * The order of a reduction. Let W be the lanes of a vector of the dtype: 2 for float64, 4 else.
 * Along the innermost loop, element k belongs to chain k mod 8 as long as whole vectors are there.
 * Each chain is folded in order; the chains are combined by halves, first those whose numbers
 * differ by whole vectors, then the lanes of a vector; and what is left, less than W elements, is
 * added one by one. (Extrema, whose bits no order changes, may have 16 chains.) A long sum of
 * floats is cut into blocks of 128 elements first, whose chains are combined pairwise
 * (`counter.ts`), and so are the results of the loops around the innermost.
 *
 * The same order is kept in three kinds of code: with a vector for W chains in a row; with several
 * shorter vectors where wider types are involved; and, inside a loop whose iterations are
 * lanes, with a vector for one chain in each of several reductions.
 *
 * Reductions in a row over the same loops go through them together, and so share what their values
 * have in common; the order of each is what it is alone.
 */
import type { Local, Loop } from '../../../kernel/expr.ts';
import type { Node } from '../../../kernel/lane/node.ts';
import { LaneOps } from '../../../kernel/lane/ops.ts';
import type { Statement } from '../../../kernel/statement.ts';
import { readsLocal } from './effects.ts';
import { printBlocked } from './reduce-blocked.ts';
import { blockRounds, InnerLoop } from './reduce-inner.ts';
import { type Reduce, ReduceValues, type Reductions } from './reduce-values.ts';
import type { SharedSums } from './shared-sum.ts';
import type { StatementPrinter } from './statements.ts';

/** Reductions printed together, at most: each takes registers. */
const mostTogether = 4;

/** The reductions from a place on, at least one, that one pass over the same loops computes. */
export function reductionsFrom(statements: readonly Statement[], first: number): Reduce[] {
  const found: Reduce[] = [];
  for (let i = first; i < statements.length && found.length < mostTogether; i++) {
    const statement = statements[i];
    if (statement?.do !== 'reduce' || (found[0] && !goesWith(statement, found[0]))) break;
    found.push(statement);
  }
  return found;
}

function goesWith(statement: Reduce, first: Reduce): boolean {
  const { loops, combine, target, order, value } = statement;
  const alike = loops === first.loops && combine === first.combine && order === first.order;
  const apart = order === undefined && loops.length > 0 && !readsLocal(value);
  return alike && apart && target.type === first.target.type;
}

export function printReduce(printer: StatementPrinter, statements: Reductions): void {
  const { emitter, lowering, storage } = printer;
  const [statement] = statements;
  const { loops, target, value } = statement;
  const write = (into: Local, result: Node): void => {
    if (lowering.vector) lowering.setVectorLocal(into, result);
    else storage.write(into, () => emitter.push(result));
  };
  const lanes = lowering.vector?.lanes ?? 1;
  const ops = new LaneOps(emitter.graph, lanes);
  if (loops.length > 0 && statement.order === 'blocked') {
    write(target, printBlocked(printer, statement, ops));
    return;
  }
  const values = new ReduceValues(printer, statements);
  if (loops.length === 0) {
    write(target, values.combined(ops, values.neutral(ops), lowering.lower(value)));
    return;
  }
  const results = new Reduction(values, ops).print();
  statements.forEach((each, i) => {
    const result = results[i];
    if (result) write(each.target, result);
  });
}

/** The loops of reductions; their values are in lanes like those of `ops`. */
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

  print(): Node[] {
    const { statement } = this.#values;
    const totals = this.#locals();
    if (statement.loops.some(({ extent }) => extent === 0)) this.#values.clear(totals, this.#ops);
    else this.#outer(totals);
    return totals.map((total) => this.#values.current(total, this.#ops.lanes));
  }

  /** A local for each reduction. */
  #locals(): number[] {
    return this.#values.statements.map(() => this.#values.local(this.#ops.lanes));
  }

  /** Runs the loops around the innermost, and combines what that leaves. */
  #outer(totals: readonly number[]): void {
    const count = this.#around.reduce((product, { extent = 0 }) => product * extent, 1);
    if (count === 1) {
      this.#nest(this.#around, () => this.#inner.print(totals));
      return;
    }
    const row = this.#locals();
    this.#values.clear(totals, this.#ops);
    if (!this.#values.pairwise || count <= blockRounds) {
      const merge = this.#values.merge(this.#ops);
      this.#nest(this.#around, () => {
        this.#inner.print(row);
        merge(totals, row, totals);
      });
      return;
    }
    const shared = this.#share(row, count);
    if (shared) {
      this.#combine(totals, row, count, shared);
      return;
    }
    const counter = this.#values.counter(this.#ops, row, count);
    this.#nest(this.#around, () => {
      this.#inner.print(row);
      counter.push(row);
    });
    counter.finish(totals);
  }

  /** Combines what threads have summed, and the rows that are left. */
  #combine(
    totals: readonly number[],
    row: readonly number[],
    count: number,
    shared: SharedSums,
  ): void {
    const { emitter } = this.#values.printer;
    const number = emitter.builder.newLocal('i32');
    const pieces = this.#values.counter(this.#ops, row, shared.pieces);
    shared.print(number, row, () => pieces.push(row));
    const done = shared.pieces * shared.units;
    if (count > done) {
      const counter = this.#values.counter(this.#ops, row, count - done);
      emitter.code.i32(done);
      emitter.code.set(number);
      this.#rows(number, count - done, row, () => counter.push(row));
      counter.finish(totals);
    }
    pieces.finish(totals);
  }

  /** Has threads sum most of the rows of the only loop around the innermost. */
  #share(row: readonly number[], count: number): SharedSums | undefined {
    const { printer, statements } = this.#values;
    if (this.#around.length > 1 || this.#ops.lanes > 1) return undefined;
    return printer.emitter.parts.shared?.shareSums(printer, statements, {
      like: this.#values.current(row[0] ?? 0, this.#ops.lanes),
      parts: row.length,
      count,
      operations: this.#inner.operations,
      print: (inner, rows, first) => {
        const values = new ReduceValues(inner, statements);
        const reduction = new Reduction(values, new LaneOps(inner.emitter.graph, 1));
        const sum = reduction.#locals();
        const counter = values.counter(reduction.#ops, sum, rows);
        reduction.#rows(first, rows, sum, () => counter.push(sum));
        return counter.top;
      },
    });
  }

  /** Sums so many rows from the one in a local on, each into a local, and takes them. */
  #rows(first: number, rows: number, row: readonly number[], take: () => void): void {
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
