import type { Node } from '../../../kernel/lane/node.ts';
import type { Statement } from '../../../kernel/statement.ts';
import { printVectorStore } from '../lane/vector.ts';
import { addressOf } from './access.ts';
import { kindOf } from './lower.ts';
import type { StatementPrinter } from './statements.ts';

type StatementOf<Name extends Statement['do']> = Extract<Statement, { do: Name }>;

/** Statements that compute a value and put it somewhere. */
export type Simple = StatementOf<'store' | 'set'>;

export function isSimple(statement: Statement): statement is Simple {
  return statement.do === 'store' || statement.do === 'set';
}

/** A statement whose values are known, and are to be printed. */
interface Action {
  readonly roots: readonly Node[];
  readonly run: () => void;
}

/**
 * Stores and sets in a row, as one printer prints them, or each of several whose iterations do not
 * depend on each other: their values are known before any is printed. Those of several printers take
 * turns, all before the first store: see `needsOrder`.
 */
export function printSimple(
  printers: readonly StatementPrinter[],
  statements: readonly Simple[],
): void {
  const [printer] = printers;
  if (!printer) return;
  const actions = printers.flatMap((each) => actionsOf(each, statements));
  const roots = actions.flatMap((action) => action.roots);
  printer.emitter.announce(roots);
  if (printers.length > 1) printer.emitter.takeTurns(roots);
  for (const { run } of actions) run();
}

function actionsOf(printer: StatementPrinter, statements: readonly Simple[]): Action[] {
  const { emitter, lowering, storage } = printer;
  const stores = statements.some((statement) => statement.do === 'store');
  return statements.map((statement): Action => {
    if (statement.do === 'store') return storing(printer, statement);
    const { local, value } = statement;
    const node = lowering.lower(value);
    if (lowering.vector) {
      lowering.setVectorLocal(local, node);
      // What was read before a store must not be read after it.
      const early = node.readsMemory && stores;
      return { roots: [node], run: () => (early ? emitter.keep(node) : undefined) };
    }
    lowering.state.localChanged(local);
    return { roots: [node], run: () => storage.write(local, () => emitter.push(node)) };
  });
}

function storing(
  { emitter, lowering }: StatementPrinter,
  { buffer, index, value }: StatementOf<'store'>,
): Action {
  const kind = kindOf(buffer.dtype);
  const stored = lowering.lower(value);
  const stride = lowering.vectorStride(index);
  const lanes = lowering.vector?.lanes ?? 1;
  const parts =
    lanes > 1 && stride === 1
      ? [{ node: lowering.spread(stored), ...addressOf(lowering, buffer, index) }]
      : Array.from({ length: lanes }, (_, lane) => ({
          node: lowering.laneOf(stored, lane),
          ...addressOf(lowering, buffer, index, lane),
        }));
  lowering.state.stored();
  return {
    roots: parts.flatMap(({ at, node }) => [at, node]),
    run: () => {
      for (const { at, offset, node } of parts) {
        emitter.push(at);
        emitter.push(node);
        if (node.lanes > 1) printVectorStore(kind, node.lanes, offset, emitter.code);
        else emitter.code.memory(kind === 'bool' ? 'i32.store8' : `${kind}.store`, offset);
      }
    },
  };
}
