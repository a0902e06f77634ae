import type { Scalar } from '../../../kernel/expr.ts';
import type { Combine, Statement } from '../../../kernel/statement.ts';
import { LaneOps } from '../lane/ops.ts';
import { valueType } from '../lane/print.ts';
import { kindOf } from './lower.ts';
import type { StatementPrinter } from './statements.ts';

/** The value that changes nothing when it is combined. */
export function neutral(combine: Combine, type: Scalar): number {
  switch (combine) {
    case 'add':
    case 'or':
      return 0;
    case 'mul':
      return 1;
    case 'and':
      return type === 'bool' ? 1 : -1;
    case 'min':
      return type === 'int32' ? 2 ** 31 - 1 : type === 'bool' ? 1 : Number.POSITIVE_INFINITY;
    case 'max':
      return type === 'int32' ? -(2 ** 31) : type === 'bool' ? 0 : Number.NEGATIVE_INFINITY;
  }
}

export function printReduce(
  printer: StatementPrinter,
  { combine, loops, value, target }: Extract<Statement, { do: 'reduce' }>,
): void {
  const { emitter, lowering, storage } = printer;
  const kind = kindOf(target.type);
  const ops = new LaneOps(emitter.graph, 1);
  const accumulator = emitter.builder.newLocal(valueType({ kind, lanes: 1 }));
  emitter.push(ops.constant(kind, neutral(combine, target.type)));
  emitter.code.set(accumulator);
  const nest = (depth: number): void => {
    const loop = loops[depth];
    if (loop) {
      if (loop.extent === undefined) throw new Error('A reduction needs known extents.');
      printer.counted(loop, undefined, true, undefined, () => nest(depth + 1));
      return;
    }
    const level = emitter.scopes.at(-1)?.level ?? 0;
    const old = emitter.graph.node('local', kind, 1, [], { number: accumulator, level });
    const node = ops.binary(combine, old, lowering.lower(value));
    emitter.announce([node]);
    emitter.push(node);
    emitter.code.set(accumulator);
  };
  if (loops.every((loop) => loop.extent !== 0)) nest(0);
  storage.write(target, () => emitter.code.get(accumulator));
}
