import type { Buffer, Expr, Local } from '../../../kernel/expr.ts';
import type { KernelModule, Statement } from '../../../kernel/statement.ts';
import type { Code } from '../encode/code.ts';
import type { FunctionBuilder } from '../encode/module.ts';
import { layoutOf, type ModuleLayout } from '../layout.ts';
import { effectsOf, innerStatements, inPostOrder, statementExprs } from './effects.ts';
import { FunctionEmitter } from './function.ts';
import type { ModuleParts } from './parts.ts';
import { StatementPrinter } from './statements.ts';
import { type Frame, MainStorage } from './storage.ts';

/** Where main keeps its variables, those in memory among its locals, and where everything is. */
export function frameOf(
  module: KernelModule,
  shared: readonly Local[],
): { frame: Frame; layout: ModuleLayout } {
  const table = [...module.inputs, ...module.outputs];
  const swapped = [...effectsOf(module.main).swaps].filter((buffer) => !table.includes(buffer));
  const layout = layoutOf(module, swapped.length, shared);
  const slots = new Map<Buffer, number>();
  table.forEach((buffer, i) => {
    slots.set(buffer, layout.tableAt + 4 * i);
  });
  const locals = new Map(shared.map((local, i) => [local, layout.variablesAt + 8 * i]));
  swapped.forEach((buffer, i) => {
    slots.set(buffer, layout.variablesAt + 8 * shared.length + 4 * i);
  });
  const workspace = new Map(
    [...module.workspace].map(([buffer, offset]) => [buffer, layout.workspaceAt + offset]),
  );
  return { frame: { slots, workspace, locals }, layout };
}

/** Locals that more than one function of main uses. */
export function sharedLocals(main: readonly Statement[]): Local[] {
  const users = new Map<Local, Set<object>>();
  const visit = (statements: readonly Statement[], user: object, seen: Set<Expr>): void => {
    const use = (local: Local): void => {
      const known = users.get(local);
      if (known) known.add(user);
      else users.set(local, new Set([user]));
    };
    const read = (root: Expr): void =>
      inPostOrder(
        root,
        (expr) => seen.has(expr),
        (expr) => {
          seen.add(expr);
          if (expr.op === 'local') use(expr.local);
        },
      );
    for (const statement of statements) {
      if (statement.do === 'set') use(statement.local);
      if (statement.do === 'reduce' || statement.do === 'length') use(statement.target);
      if (statement.do === 'while') {
        const own = new Set<Expr>();
        visit([...statement.before, ...statement.body], statement, own);
        visit([{ do: 'fail', site: 0, detail: statement.condition }], statement, own);
        continue;
      }
      statementExprs(statement).forEach(read);
      for (const inner of innerStatements(statement)) {
        if (statement.do === 'for' && effectsOf(inner).drives) visit(inner, statement, new Set());
        else visit(inner, user, seen);
      }
    }
  };
  visit(main, main, new Set());
  return [...users].filter(([, by]) => by.size > 1).map(([local]) => local);
}

/**
 * Prints main. V8 never replaces a function that is running by its optimised form, so whatever
 * loops around calls of kernels is a driver, and the body of such a loop a function that it calls:
 * the next iteration runs the better code once it is there.
 */
export function printMain(parts: ModuleParts, module: KernelModule, frame: Frame): void {
  const run = parts.module.function(['i32'], []);
  parts.module.export('run', run);
  parts.module.exportGlobal('base', parts.base);
  const { code } = run;
  code.get(0);
  code.globalSet(parts.base);
  printAddresses(code, frame);
  mainPrinter(parts, run, frame).print(module.main);
}

/** Writes the addresses of workspace buffers that are exchanged. */
export function printAddresses(code: Code, frame: Frame): void {
  for (const [buffer, slot] of frame.slots) {
    const place = frame.workspace.get(buffer);
    if (place === undefined) continue;
    code.get(0);
    code.get(0);
    code.i32(place);
    code.op('i32.add');
    code.memory('i32.store', slot);
  }
}

function mainPrinter(parts: ModuleParts, builder: FunctionBuilder, frame: Frame): StatementPrinter {
  const emitter = new FunctionEmitter(parts, builder);
  return new StatementPrinter(emitter, new MainStorage(emitter, frame), {
    outliner: {
      forLoop({ loop, count, body }, outer) {
        const effects = effectsOf(body);
        if (!effects.drives) return false;
        const inner = outline(parts, frame, outer, [...outer.open, loop], []);
        outer.counted(loop, count, false, effects, () => {
          callOutlined(inner.emitter.builder, outer);
        });
        inner.print(body);
        return true;
      },
      whileLoop({ before, condition, body }, outer) {
        const inner = outline(parts, frame, outer, outer.open, ['i32']);
        const effects = effectsOf([...before, ...body]);
        outer.invalidate(effects);
        const { code } = outer.emitter;
        code.loop(() => {
          callOutlined(inner.emitter.builder, outer);
          code.brIf(0);
        });
        outer.invalidate(effects);
        inner.print(before);
        inner.value(condition);
        inner.emitter.code.if(() => {
          inner.emitter.guard(() => inner.print(body));
          inner.emitter.code.i32(1);
          inner.emitter.code.else();
          inner.emitter.code.i32(0);
        }, 'i32');
        return true;
      },
    },
  });
}

/** A function of (base, variables of the loops around it). */
function outline(
  parts: ModuleParts,
  frame: Frame,
  outer: StatementPrinter,
  loops: StatementPrinter['open'],
  results: readonly 'i32'[],
): StatementPrinter {
  const params = [outer, ...loops].map(() => 'i32' as const);
  const printer = mainPrinter(parts, parts.module.function(params, results), frame);
  loops.forEach((loop, i) => {
    const variable = printer.emitter.graph.node('local', 'i32', 1, [], { number: i + 1 });
    printer.lowering.state.bind(loop, { node: variable, offset: 0 });
    printer.open.push(loop);
  });
  return printer;
}

function callOutlined(builder: FunctionBuilder, outer: StatementPrinter): void {
  const { code } = outer.emitter;
  code.get(0);
  for (const loop of outer.open)
    outer.emitter.push(outer.lowering.lower({ op: 'loop', type: 'int32', loop }));
  code.call(builder.index);
}
