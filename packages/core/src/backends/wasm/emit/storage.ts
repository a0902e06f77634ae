import type { Buffer, Local } from '../../../kernel/expr.ts';
import type { Node } from '../../../kernel/lane/node.ts';
import type { FunctionBuilder } from '../encode/module.ts';
import { stores, valueType } from '../lane/print.ts';
import type { FunctionEmitter } from './function.ts';
import { kindOf, type Storage } from './lower.ts';

/** Buffers and locals that statements can change, besides reading them. */
export interface MutableStorage extends Storage {
  /** Stores a local; `value` leaves it on the stack. */
  write(local: Local, value: () => void): void;
  swap(a: Buffer, b: Buffer): void;
}

/** Locals of the IR in locals of the function. */
class FunctionLocals {
  readonly #emitter: FunctionEmitter;
  readonly #builder: FunctionBuilder;
  readonly #locals = new Map<Local, number>();

  constructor(emitter: FunctionEmitter) {
    this.#emitter = emitter;
    this.#builder = emitter.builder;
  }

  #number(local: Local): number {
    let number = this.#locals.get(local);
    if (number === undefined) {
      number = this.#builder.newLocal(valueType({ kind: kindOf(local.type), lanes: 1 }));
      this.#locals.set(local, number);
    }
    return number;
  }

  read(local: Local, level: number, epoch: number): Node {
    return this.#emitter.graph.node('local', kindOf(local.type), 1, [], {
      number: this.#number(local),
      detail: `epoch ${epoch}`,
      level,
    });
  }

  write(local: Local, value: () => void): void {
    value();
    this.#emitter.code.set(this.#number(local));
  }
}

/** In a kernel, buffers are parameters that hold addresses. */
export class KernelStorage extends FunctionLocals implements MutableStorage {
  readonly #of: FunctionEmitter;
  readonly #params: ReadonlyMap<Buffer, number>;
  readonly #kernel: string;

  constructor(emitter: FunctionEmitter, kernel: string, params: readonly Buffer[]) {
    super(emitter);
    this.#of = emitter;
    this.#kernel = kernel;
    this.#params = new Map(params.map((buffer, i) => [buffer, i]));
  }

  #param(buffer: Buffer): number {
    const param = this.#params.get(buffer);
    if (param === undefined) {
      throw new Error(`Kernel ${this.#kernel} uses buffer ${buffer.name}, which is no parameter.`);
    }
    return param;
  }

  address(buffer: Buffer, level: number, epoch: number): Node {
    return this.#of.graph.node('local', 'i32', 1, [], {
      number: this.#param(buffer),
      detail: `address ${epoch}`,
      level,
      readsMemory: true,
    });
  }

  swap(a: Buffer, b: Buffer): void {
    const { code } = this.#of;
    code.get(this.#param(a));
    code.get(this.#param(b));
    code.set(this.#param(a));
    code.set(this.#param(b));
  }
}

/** Where main keeps addresses and locals that several of its functions share, from `base`. */
export interface Frame {
  readonly slots: ReadonlyMap<Buffer, number>;
  readonly workspace: ReadonlyMap<Buffer, number>;
  readonly locals: ReadonlyMap<Local, number>;
}

/**
 * Main is several functions: its own, and one for the body of each loop that calls kernels. They
 * share buffers, which may be exchanged, and locals; so these live in memory, in the frame of the
 * call, and are read where they are used. Kernels keep everything in locals.
 */
export class MainStorage extends FunctionLocals implements MutableStorage {
  readonly #of: FunctionEmitter;
  readonly #frame: Frame;
  readonly #base: Node;

  /** The function's first parameter is `base`. */
  constructor(emitter: FunctionEmitter, frame: Frame) {
    super(emitter);
    this.#of = emitter;
    this.#frame = frame;
    this.#base = emitter.graph.node('local', 'i32', 1, [], { detail: 'base' });
  }

  address(buffer: Buffer, level: number, epoch: number): Node {
    const { graph } = this.#of;
    const slot = this.#frame.slots.get(buffer);
    if (slot !== undefined) {
      const detail = `slot ${epoch}`;
      return graph.node('load', 'i32', 1, [this.#base], {
        offsets: [slot],
        detail,
        level,
        readsMemory: true,
      });
    }
    const place = this.#frame.workspace.get(buffer);
    if (place === undefined) {
      throw new Error(`Buffer ${buffer.name} is no input, output or part of the workspace.`);
    }
    const offset = graph.node('const', 'i32', 1, [], { number: place });
    return graph.node('add', 'i32', 1, [this.#base, offset]);
  }

  swap(a: Buffer, b: Buffer): void {
    const { code } = this.#of;
    const slots = [a, b].map((buffer) => {
      const slot = this.#frame.slots.get(buffer);
      if (slot === undefined) throw new Error(`Buffer ${buffer.name} has no slot to swap.`);
      return slot;
    });
    const [first = 0, second = 0] = slots;
    code.get(0);
    code.get(0);
    code.memory('i32.load', second);
    code.get(0);
    code.get(0);
    code.memory('i32.load', first);
    code.memory('i32.store', second);
    code.memory('i32.store', first);
  }

  override read(local: Local, level: number, epoch: number): Node {
    const place = this.#frame.locals.get(local);
    if (place === undefined) return super.read(local, level, epoch);
    return this.#of.graph.node('load', kindOf(local.type), 1, [this.#base], {
      offsets: [place],
      detail: `local ${epoch}`,
      level,
    });
  }

  override write(local: Local, value: () => void): void {
    const place = this.#frame.locals.get(local);
    if (place === undefined) {
      super.write(local, value);
      return;
    }
    const { code } = this.#of;
    code.get(0);
    value();
    code.memory(stores[kindOf(local.type)], place);
  }
}
