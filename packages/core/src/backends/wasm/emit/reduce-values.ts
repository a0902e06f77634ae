import type { Lanes, Node } from '../../../kernel/lane/node.ts';
import type { LaneOps } from '../../../kernel/lane/ops.ts';
import { neutral, type Statement } from '../../../kernel/statement.ts';
import { valueType } from '../lane/print.ts';
import { Counter, type Merge } from './counter.ts';
import { kindOf } from './lower.ts';
import type { StatementPrinter } from './statements.ts';

export type Reduce = Extract<Statement, { do: 'reduce' }>;

/** Reductions that one pass over their loops computes. */
export type Reductions = readonly [Reduce, ...Reduce[]];

/** The values that reductions over the same loops combine, in locals. */
export class ReduceValues {
  readonly printer: StatementPrinter;
  readonly statements: Reductions;
  #reads = 0;

  constructor(printer: StatementPrinter, statements: Reductions) {
    this.printer = printer;
    this.statements = statements;
  }

  /** One of them: they differ in values and targets alone. */
  get statement(): Reduce {
    return this.statements[0];
  }

  /** A value in a local, as it is now. */
  current(local: number, lanes: Lanes): Node {
    const { graph, scopes } = this.printer.emitter;
    return graph.node('local', kindOf(this.statement.target.type), lanes, [], {
      number: local,
      detail: `read ${this.#reads++}`,
      level: scopes.at(-1)?.level ?? 0,
    });
  }

  local(lanes: Lanes): number {
    const kind = kindOf(this.statement.target.type);
    return this.printer.emitter.builder.newLocal(valueType({ kind, lanes }));
  }

  combined(ops: LaneOps, a: Node, b: Node): Node {
    const { combine, target } = this.statement;
    if (target.type === 'bool') {
      return ops.binary(
        combine === 'min' || combine === 'mul' || combine === 'and' ? 'and' : 'or',
        a,
        b,
      );
    }
    return ops.binary(combine, a, b);
  }

  /** Sets locals to values that are all known before; what is inside these may take turns. */
  assign(values: readonly (readonly [local: number, value: Node])[], inTurns = false): void {
    const { emitter } = this.printer;
    const roots = values.map(([, value]) => value);
    emitter.announce(roots);
    if (inTurns) emitter.takeTurns(roots);
    for (const [local, value] of values) {
      emitter.push(value);
      emitter.code.set(local);
    }
  }

  neutral(ops: LaneOps): Node {
    const { combine, target } = this.statement;
    return ops.constant(kindOf(target.type), neutral(combine, target.type));
  }

  clear(locals: readonly number[], ops: LaneOps): void {
    const value = this.neutral(ops);
    this.assign(locals.map((local) => [local, value]));
  }

  /** Whether the terms are combined in pairs. */
  get pairwise(): boolean {
    const { combine, target } = this.statement;
    return combine === 'add' && (target.type === 'float64' || target.type === 'float32');
  }

  /** Whether any order gives the same bits and each step takes long, as those of extrema do. */
  get anyOrder(): boolean {
    const { combine } = this.statement;
    return combine === 'min' || combine === 'max';
  }

  /** Combines the values in two lists of locals into those of a third. */
  merge(ops: LaneOps): Merge {
    return (a, b, into) =>
      this.assign(
        into.map((local, part) => [
          local,
          this.combined(
            ops,
            this.current(a[part] ?? 0, ops.lanes),
            this.current(b[part] ?? 0, ops.lanes),
          ),
        ]),
      );
  }

  /** A counter of so many values, each in as many parts as there are locals. */
  counter(ops: LaneOps, sum: readonly number[], count: number): Counter {
    const like = this.current(sum[0] ?? 0, ops.lanes);
    return new Counter(this.printer.emitter, like, sum.length, count, this.merge(ops));
  }
}
