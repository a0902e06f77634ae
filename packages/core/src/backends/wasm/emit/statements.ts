import type { Affine } from '../../../kernel/affine.ts';
import type { Buffer, Expr, Loop } from '../../../kernel/expr.ts';
import type { Node } from '../../../kernel/lane/node.ts';
import type { Kernel, Pointer, Statement } from '../../../kernel/statement.ts';
import { addressOf } from './access.ts';
import { type Effects, effectsOf } from './effects.ts';
import type { FunctionEmitter } from './function.ts';
import { fail, growingSlot, slot } from './helpers.ts';
import { Lowering } from './lower.ts';
import { printReduce, reductionsFrom } from './reduce.ts';
import { isSimple, printSimple, type Simple } from './simple.ts';
import type { MutableStorage } from './storage.ts';
import { printVectorNest, repeat } from './vector-loop.ts';
import { vectorNest } from './vectorize.ts';

type StatementOf<Name extends Statement['do']> = Extract<Statement, { do: Name }>;

/** Prints loops whose bodies are functions of their own; false leaves a loop where it is. */
export interface Outliner {
  forLoop(statement: StatementOf<'for'>, printer: StatementPrinter): boolean;
  whileLoop(statement: StatementOf<'while'>, printer: StatementPrinter): boolean;
}

/** Some iterations of a loop, from the number in a local on. */
export interface Range {
  readonly loop: Loop;
  readonly from: number;
  readonly count: number;
}

/** Prints loops as tiles; false where there are none. */
export type Tiler = (statement: StatementOf<'for'>, printer: StatementPrinter) => boolean;

interface PrinterOptions {
  /** The kernel whose body is printed, where threads may share what it sums. */
  readonly kernel?: Kernel;
  readonly outliner?: Outliner;
  readonly tiles?: Tiler;
  readonly lowering?: Lowering;
  readonly range?: Range;
}

/** Prints statements into a function. */
export class StatementPrinter {
  readonly emitter: FunctionEmitter;
  readonly lowering: Lowering;
  readonly storage: MutableStorage;
  readonly kernel: Kernel | undefined;
  readonly #outliner: Outliner | undefined;
  readonly #tiles: Tiler | undefined;
  readonly #range: Range | undefined;
  readonly #variables = new Map<Loop, number>();
  /** Loops around the statements being printed. */
  readonly open: Loop[] = [];

  constructor(emitter: FunctionEmitter, storage: MutableStorage, options: PrinterOptions = {}) {
    this.emitter = emitter;
    this.storage = storage;
    this.kernel = options.kernel;
    this.#outliner = options.outliner;
    this.#tiles = options.tiles;
    this.#range = options.range;
    this.lowering = options.lowering ?? new Lowering(emitter, storage);
  }

  /** Iterations of a loop that are printed here, where that is known. */
  extentOf(loop: Loop): number | undefined {
    return loop === this.#range?.loop ? this.#range.count : loop.extent;
  }

  /** Leaves the number of an iteration on the stack, counted from the first that is printed. */
  iteration(loop: Loop, number: number): void {
    const { code } = this.emitter;
    if (loop !== this.#range?.loop) {
      code.i32(number);
      return;
    }
    code.get(this.#range.from);
    if (number === 0) return;
    code.i32(number);
    code.op('i32.add');
  }

  print(statements: readonly Statement[]): void {
    for (let at = 0; at < statements.length; at++) {
      const row: Simple[] = [];
      let statement = statements[at];
      for (; statement && isSimple(statement); statement = statements[++at]) row.push(statement);
      if (row.length > 0) printSimple([this], row);
      if (statement?.do === 'reduce') {
        const [first = statement, ...more] = reductionsFrom(statements, at);
        printReduce(this, [first, ...more]);
        for (const { target } of [first, ...more]) this.lowering.state.localChanged(target);
        at += more.length;
      } else if (statement) {
        this.#other(statement);
      }
    }
  }

  /** Prints one value. */
  value(expr: Expr): void {
    const node = this.lowering.lower(expr);
    this.emitter.announce([node]);
    this.emitter.push(node);
  }

  #other(statement: Exclude<Statement, Simple | StatementOf<'reduce'>>): void {
    const { code, parts } = this.emitter;
    switch (statement.do) {
      case 'for':
        this.#for(statement);
        return;
      case 'while':
        this.#while(statement);
        return;
      case 'if':
        this.#if(statement);
        return;
      case 'call':
        for (const arg of statement.args) this.pointer(arg);
        code.call(parts.kernel(statement.kernel));
        this.lowering.state.memoryChanged();
        return;
      case 'copy':
        this.pointer(statement.to);
        this.pointer(statement.from);
        code.i32(statement.bytes);
        code.memoryCopy();
        this.lowering.state.memoryChanged();
        return;
      case 'zero':
        this.pointer(statement.at);
        code.i32(0);
        code.i32(statement.bytes);
        code.memoryFill();
        this.lowering.state.memoryChanged();
        return;
      case 'swap':
        this.storage.swap(statement.a, statement.b);
        this.lowering.state.swapped();
        return;
      case 'length':
        this.storage.write(statement.target, () => {
          this.pointer(statement.stack);
          code.memory('i32.load', 0);
        });
        this.lowering.state.localChanged(statement.target);
        return;
      case 'host':
        for (const at of [...statement.args, ...statement.results]) this.pointer(at);
        code.call(parts.host(statement.call));
        this.lowering.state.memoryChanged();
        return;
      case 'fail':
        this.value(statement.detail);
        code.i32(statement.site);
        code.call(parts.helper(fail));
        code.op('unreachable');
        return;
    }
  }

  /** Leaves an address on the stack. */
  pointer(pointer: Pointer): void {
    if (pointer.kind === 'buffer') {
      this.#bufferAddress(pointer.buffer, pointer.offset);
      return;
    }
    this.pointer(pointer.stack);
    this.value(pointer.index);
    this.emitter.code.i32(pointer.bytes);
    this.emitter.code.call(this.emitter.parts.helper(pointer.grow ? growingSlot : slot));
    if (pointer.grow) this.lowering.state.memoryChanged();
  }

  #bufferAddress(buffer: Buffer, index: Affine): void {
    const { at, offset } = addressOf(this.lowering, buffer, index);
    this.emitter.announce([at]);
    this.emitter.push(at);
    if (offset === 0) return;
    this.emitter.code.i32(offset);
    this.emitter.code.op('i32.add');
  }

  /** The local that counts a loop. */
  variable(loop: Loop): { readonly local: number; readonly node: Node } {
    let local = this.#variables.get(loop);
    if (local === undefined) {
      local = this.emitter.builder.newLocal('i32');
      this.#variables.set(loop, local);
    }
    const level = (this.emitter.scopes.at(-1)?.level ?? 0) + 1;
    const node = this.emitter.graph.node('local', 'i32', 1, [], { number: local, level });
    this.lowering.state.bind(loop, { node, offset: 0 });
    return { local, node };
  }

  /** What a loop's body changes is not what it was before, at its start and after its end. */
  invalidate(effects: Effects): void {
    for (const local of effects.sets) this.lowering.state.localChanged(local);
    if (effects.swaps.size > 0) this.lowering.state.swapped();
    else if (effects.opaque || effects.stores.size > 0) this.lowering.state.memoryChanged();
  }

  #for(statement: StatementOf<'for'>): void {
    const { loop, count, parallel, body } = statement;
    const effects = effectsOf(body);
    if (loop.extent === 0) return;
    if (loop.extent === 1) {
      const zero = this.emitter.graph.node('const', 'i32', 1, [], { number: 0 });
      this.lowering.state.bind(loop, { node: zero, offset: 0 });
      this.open.push(loop);
      this.print(body);
      this.open.pop();
      return;
    }
    if (this.#tiles?.(statement, this)) return;
    if (this.#outliner?.forLoop(statement, this)) return;
    if (parallel && !this.lowering.vector) {
      const nest = vectorNest(statement);
      if (nest) {
        printVectorNest(this, nest);
        return;
      }
    }
    this.counted(loop, count, parallel && loop.extent !== undefined, effects, () =>
      this.print(body),
    );
  }

  /** A loop that counts; of unknown extent, it may run no iteration. */
  counted(
    loop: Loop,
    count: Expr | undefined,
    independent: boolean,
    effects: Effects | undefined,
    body: () => void,
  ): void {
    const { emitter } = this;
    const known = this.extentOf(loop);
    if (known !== undefined) {
      this.#counting(loop, () => this.iteration(loop, known), independent, effects, body);
      return;
    }
    if (!count) throw new Error(`Loop ${loop.name} has neither an extent nor a count.`);
    const extent = emitter.builder.newLocal('i32');
    this.value(count);
    emitter.code.tee(extent);
    emitter.code.i32(0);
    emitter.code.op('i32.gt_s');
    emitter.code.if(() => {
      emitter.guard(() =>
        this.#counting(loop, () => emitter.code.get(extent), independent, effects, body),
      );
    });
  }

  /** So many iterations of a loop, from the one in a local on. */
  countedFrom(loop: Loop, first: number, count: number, body: () => void): void {
    const { emitter } = this;
    const { local } = this.variable(loop);
    const end = emitter.builder.newLocal('i32');
    this.open.push(loop);
    emitter.loop(undefined, count > 1, body, (inner) => {
      const { code } = emitter;
      code.get(first);
      code.tee(local);
      code.i32(count);
      code.op('i32.add');
      code.set(end);
      repeat(code, inner, local, 1, () => code.get(end));
    });
    this.open.pop();
  }

  #counting(
    loop: Loop,
    extent: () => void,
    independent: boolean,
    effects: Effects | undefined,
    body: () => void,
  ): void {
    const { emitter } = this;
    const { local } = this.variable(loop);
    if (effects) this.invalidate(effects);
    this.open.push(loop);
    const alone = this.extentOf(loop) === 1;
    emitter.loop(effects, independent && !alone, body, (inner) => {
      this.iteration(loop, 0);
      emitter.code.set(local);
      repeat(emitter.code, inner, local, 1, extent);
    });
    this.open.pop();
    if (effects) this.invalidate(effects);
  }

  #while(statement: StatementOf<'while'>): void {
    const { emitter } = this;
    if (this.#outliner?.whileLoop(statement, this)) return;
    const { before, condition, body } = statement;
    const effects = effectsOf([statement]);
    this.invalidate(effects);
    emitter.loop(
      effects,
      false,
      () => {
        this.print(before);
        this.value(condition);
        emitter.code.op('i32.eqz');
        emitter.code.brIf(1);
        emitter.guard(() => this.print(body));
      },
      (inner) => {
        const { code } = emitter;
        code.block(() =>
          code.loop(() => {
            code.append(inner);
            code.br(0);
          }),
        );
      },
    );
    this.invalidate(effects);
  }

  #if(statement: StatementOf<'if'>): void {
    const { emitter } = this;
    this.value(statement.condition);
    emitter.code.if(() => {
      emitter.guard(() => this.print(statement.then));
      if (statement.else.length === 0) return;
      emitter.code.else();
      emitter.guard(() => this.print(statement.else));
    });
    this.invalidate(effectsOf(statement.then));
    this.invalidate(effectsOf(statement.else));
  }
}
