import type { Expr, Loop } from '../../../kernel/expr.ts';
import type { FunctionBuilder } from '../encode/module.ts';
import { FunctionEmitter } from './function.ts';
import { printAddresses } from './main.ts';
import type { Resumption } from './resumption.ts';
import {
  type CallPart,
  type ForPart,
  hasPoints,
  type IfPart,
  type OncePart,
  type Part,
  plainCost,
  type Route,
  type WhilePart,
} from './route.ts';
import { StatementPrinter } from './statements.ts';
import { type Frame, MainStorage } from './storage.ts';

/** What functions of main return: how a loop's iteration, or all of it, came to an end. */
const outcomes = { done: 0, again: 1, left: 2 } as const;

/**
 * Prints a main that can be left at the points of its route and entered again: `run(base)` says
 * whether it was left. Everything that outlives a point is in memory: addresses, locals, and the
 * counters of loops. To return to a point is to walk down to it through the loops and branches
 * around it, whose parts before it are skipped; no value is kept from one part to the next.
 */
export function printResumableMain(resumption: Resumption, frame: Frame, route: Route): void {
  const { parts, layout, point, piece } = resumption;
  const run = parts.module.function(['i32'], ['i32']);
  const main = parts.module.function(['i32'], ['i32']);
  parts.module.export('run', run);
  parts.module.exportGlobal('base', parts.base);
  const { code } = run;
  code.get(0);
  code.globalSet(parts.base);
  resumption.printEmptyTank(run);
  const saved = [
    [point, layout.pointAt],
    [piece, layout.pieceAt],
  ] as const;
  for (const [global, at] of saved) {
    code.get(0);
    code.memory('i32.load', at);
    code.globalSet(global);
  }
  code.globalGet(point);
  code.op('i32.eqz');
  code.if(() => printAddresses(code, frame));
  code.get(0);
  code.call(main.index);
  for (const [global, at] of saved) {
    code.get(0);
    code.globalGet(global);
    code.memory('i32.store', at);
  }
  new RouteWriter(resumption, frame, main, []).write(route);
  main.code.i32(outcomes.done);
}

/** Writes routes into one of the functions of main: of `base` and the loops around it. */
class RouteWriter {
  readonly #resumption: Resumption;
  readonly #frame: Frame;
  readonly #builder: FunctionBuilder;
  readonly #printer: StatementPrinter;

  constructor(
    resumption: Resumption,
    frame: Frame,
    builder: FunctionBuilder,
    loops: readonly Loop[],
  ) {
    this.#resumption = resumption;
    this.#frame = frame;
    this.#builder = builder;
    const emitter = new FunctionEmitter(resumption.parts, builder);
    this.#printer = new StatementPrinter(emitter, new MainStorage(emitter, frame));
    loops.forEach((loop, i) => {
      const node = emitter.graph.node('local', 'i32', 1, [], { number: i + 1 });
      this.#printer.lowering.state.bind(loop, { node, offset: 0 });
      this.#printer.open.push(loop);
    });
  }

  /** Writes a route; `skips` when a point that is being returned to may be beyond it. */
  write(route: Route, skips = hasPoints(route)): void {
    for (const part of route.parts) {
      if (part.kind === 'plain') this.#when(skips, () => this.#printer.print(part.statements));
      else if (skips) this.#unlessPassed(part);
      else this.#part(part);
    }
  }

  /** Prints what no value leaves, and what is skipped on the way back to a point. */
  #when(skips: boolean, print: () => void): void {
    const { code } = this.#builder;
    const { emitter } = this.#printer;
    if (!skips) {
      emitter.guard(print);
      return;
    }
    code.globalGet(this.#resumption.point);
    code.op('i32.eqz');
    code.if(() => emitter.guard(print));
  }

  #unlessPassed(part: Part): void {
    const { code } = this.#builder;
    code.globalGet(this.#resumption.point);
    code.i32(part.end);
    code.op('i32.lt_s');
    code.if(() => this.#part(part));
  }

  #part(part: Part): void {
    switch (part.kind) {
      case 'plain':
        throw new Error('unreachable');
      case 'for':
        this.#for(part);
        return;
      case 'once':
        this.#once(part);
        return;
      case 'while':
        this.#while(part);
        return;
      case 'if':
        this.#if(part);
        return;
      case 'call':
        this.#call(part);
        return;
    }
  }

  #counterAt(counter: number): number {
    return this.#resumption.layout.countersAt + 4 * counter;
  }

  /** Leaves here when the fuel is used up; passes when the call returns to this point or beyond. */
  #point(from: number, cost: number): void {
    const { code } = this.#builder;
    const { point } = this.#resumption;
    code.globalGet(point);
    code.if(() => {
      code.globalGet(point);
      code.i32(from);
      code.op('i32.eq');
      code.if(() => {
        code.i32(0);
        code.globalSet(point);
      });
      code.else();
      this.#resumption.printSpend(this.#builder, cost);
      code.if(() => this.#leave(from));
    });
  }

  #leave(from: number): void {
    const { code } = this.#builder;
    code.i32(from);
    code.globalSet(this.#resumption.point);
    code.i32(outcomes.left);
    code.op('return');
  }

  /** Prints code that runs when the call does not return to a point. */
  #atStart(print: () => void): void {
    const { code } = this.#builder;
    code.globalGet(this.#resumption.point);
    code.op('i32.eqz');
    code.if(print);
  }

  #store(at: number, value: () => void): void {
    const { code } = this.#builder;
    code.get(0);
    value();
    code.memory('i32.store', at);
  }

  #for({ loop, count, counter, from, body }: ForPart): void {
    const { code } = this.#builder;
    const { emitter } = this.#printer;
    const [counterAt, extentAt] = [this.#counterAt(counter), this.#counterAt(counter + 1)];
    const variable = this.#builder.newLocal('i32');
    const extent = this.#builder.newLocal('i32');
    this.#atStart(() => {
      this.#store(counterAt, () => code.i32(0));
      this.#store(extentAt, () => {
        if (loop.extent !== undefined) code.i32(loop.extent);
        else if (count) emitter.guard(() => this.#printer.value(count));
        else throw new Error(`Loop ${loop.name} has neither an extent nor a count.`);
      });
    });
    code.get(0);
    code.memory('i32.load', extentAt);
    code.set(extent);
    code.get(0);
    code.memory('i32.load', counterAt);
    code.tee(variable);
    code.get(extent);
    code.op('i32.lt_s');
    code.if(() =>
      code.loop(() => {
        this.#point(from, plainCost(body));
        const inner = this.#outline([...this.#printer.open, loop], hasPoints(body));
        this.#callOutlined(inner, () => code.get(variable));
        if (hasPoints(body)) code.if(() => this.#passOn());
        this.#store(counterAt, () => {
          code.get(variable);
          code.i32(1);
          code.op('i32.add');
          code.tee(variable);
        });
        code.get(variable);
        code.get(extent);
        code.op('i32.lt_s');
        code.brIf(0);
        inner.write(body);
        if (hasPoints(body)) inner.#builder.code.i32(outcomes.done);
      }),
    );
  }

  #while({ counter, from, before, condition, body }: WhilePart): void {
    const { code } = this.#builder;
    const counterAt = this.#counterAt(counter);
    const points = hasPoints(before) || hasPoints(body);
    const inner = this.#outline(this.#printer.open, true);
    const outcome = this.#builder.newLocal('i32');
    this.#atStart(() => this.#store(counterAt, () => code.i32(0)));
    code.loop(() => {
      this.#point(from, plainCost(before) + plainCost(body) + 4);
      this.#callOutlined(inner, () => {});
      code.tee(outcome);
      code.i32(outcomes.again);
      code.op('i32.eq');
      code.if(() => {
        this.#store(counterAt, () => {
          code.get(0);
          code.memory('i32.load', counterAt);
          code.i32(1);
          code.op('i32.add');
        });
        code.br(1);
      });
    });
    if (points) {
      code.get(outcome);
      code.i32(outcomes.left);
      code.op('i32.eq');
      code.if(() => this.#passOn());
    }
    inner.write(before, points);
    inner.#condition(condition, points);
    const { code: innerCode } = inner.#builder;
    innerCode.if(() => {
      inner.write(body, points);
      innerCode.i32(outcomes.again);
      innerCode.else();
      innerCode.i32(outcomes.done);
    }, 'i32');
  }

  /** Leaves a condition on the stack: the call returns to a point where it held. */
  #condition(condition: Expr, skips: boolean): void {
    const { code } = this.#builder;
    const { emitter } = this.#printer;
    const value = (): void => emitter.guard(() => this.#printer.value(condition));
    if (!skips) {
      value();
      return;
    }
    code.globalGet(this.#resumption.point);
    code.if(() => {
      code.i32(1);
      code.else();
      value();
    }, 'i32');
  }

  #once({ loop, body }: OncePart): void {
    const { emitter, lowering, open } = this.#printer;
    const node = emitter.graph.node('const', 'i32', 1, [], { number: 0 });
    lowering.state.bind(loop, { node, offset: 0 });
    open.push(loop);
    this.write(body);
    open.pop();
  }

  #if({ condition, then: yes, else: no, from }: IfPart): void {
    const { code } = this.#builder;
    const { emitter } = this.#printer;
    const { point } = this.#resumption;
    const noFrom = Math.max(from, ...yes.parts.map(({ end }) => end));
    code.globalGet(point);
    code.if(() => {
      code.globalGet(point);
      code.i32(noFrom);
      code.op('i32.lt_s');
      code.else();
      emitter.guard(() => this.#printer.value(condition));
    }, 'i32');
    code.if(() => {
      this.write(yes);
      code.else();
      this.write(no);
    });
  }

  #call({ statement, pieces, from, cost }: CallPart): void {
    const { code } = this.#builder;
    const { emitter } = this.#printer;
    if (pieces.length === 0) {
      this.#point(from, cost);
      emitter.guard(() => this.#printer.print([statement]));
      return;
    }
    code.i32(0);
    code.globalSet(this.#resumption.point);
    // Addresses of the same elements of stacks are the same when they are asked for again.
    emitter.guard(() => this.#printer.print([statement]));
    code.if(() => this.#leave(from));
  }

  /** Returns from here too, when a function called from it was left. */
  #passOn(): void {
    const { code } = this.#builder;
    code.i32(outcomes.left);
    code.op('return');
  }

  #outline(loops: readonly Loop[], tells: boolean): RouteWriter {
    const { module } = this.#resumption.parts;
    const params = ['i32' as const, ...loops.map(() => 'i32' as const)];
    const builder = module.function(params, tells ? ['i32'] : []);
    return new RouteWriter(this.#resumption, this.#frame, builder, loops);
  }

  #callOutlined(inner: RouteWriter, variable: () => void): void {
    const { code } = this.#builder;
    const { emitter, lowering, open } = this.#printer;
    code.get(0);
    for (const loop of open) emitter.push(lowering.lower({ op: 'loop', type: 'int32', loop }));
    variable();
    code.call(inner.#builder.index);
  }
}
