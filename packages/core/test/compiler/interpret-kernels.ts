import { type Affine, affineRange } from '../../src/kernel/affine.ts';
import type { Buffer, Expr, Local, Loop } from '../../src/kernel/expr.ts';
import {
  type KernelModule,
  neutral,
  type Pointer,
  type Statement,
  stackDescriptorBytes,
} from '../../src/kernel/statement.ts';
import { type Data, itemSize, toDtype, viewOf } from '../../src/tensor/dtype.ts';

import { binary, combine, math, unary } from './scalar-functions.ts';

/** A stack or the elements of a tensor, as the interpreter takes and gives them. */
export type Value = Data | { readonly elements: readonly Value[] };

/** How many kernels ran and how many bytes were copied: what a test of the plan asserts on. */
export interface Statistics {
  calls: number;
  copies: number;
}

/**
 * Runs a kernel module in plain JavaScript over one memory, as a second opinion on lowering. It
 * refuses reads and writes outside a buffer, and fills the workspace with NaN bytes first.
 */
export function interpretModule(
  module: KernelModule,
  inputs: readonly Value[],
  outputDepths: readonly number[] = [],
): { outputs: Value[]; statistics: Statistics } {
  return new Machine(module).run(inputs, outputDepths);
}

class Machine {
  readonly #memory = new ArrayBuffer(1 << 22);
  readonly #stacks = new Map<number, number[]>();
  readonly #statistics: Statistics = { calls: 0, copies: 0 };
  readonly #module: KernelModule;
  #top = 16;

  constructor(module: KernelModule) {
    this.#module = module;
  }

  run(inputs: readonly Value[], depths: readonly number[]) {
    const module = this.#module;
    const frame: Frame = { addresses: new Map(), loops: new Map(), locals: new Map() };
    const base = this.#allocate(module.workspaceBytes);
    new Uint8Array(this.#memory, base, module.workspaceBytes).fill(0xff);
    for (const [buffer, offset] of module.workspace) frame.addresses.set(buffer, base + offset);
    module.inputs.forEach((buffer, i) => {
      const value = inputs[i];
      if (value === undefined) throw new Error(`input ${i} is missing`);
      frame.addresses.set(buffer, this.#place(value, buffer));
    });
    for (const buffer of module.outputs) {
      const at = this.#allocate(buffer.size * itemSize(buffer.dtype));
      new Uint8Array(this.#memory, at, buffer.size * itemSize(buffer.dtype)).fill(0xff);
      frame.addresses.set(buffer, at);
    }
    this.#statements(module.main, frame);
    const outputs = module.outputs.map((buffer, i): Value => {
      const at = frame.addresses.get(buffer) ?? 0;
      if ((depths[i] ?? 0) > 0) return this.#stack(at);
      return viewOf(buffer.dtype, this.#memory, at, buffer.size).slice();
    });
    return { outputs, statistics: this.#statistics };
  }

  #allocate(bytes: number): number {
    const at = this.#top;
    this.#top += Math.ceil(bytes / 16) * 16 + 16;
    if (this.#top > this.#memory.byteLength) throw new Error('the interpreter is out of memory');
    return at;
  }

  #place(value: Value, buffer: Buffer): number {
    if (!('elements' in value)) {
      const at = this.#allocate(value.byteLength);
      viewOf(buffer.dtype, this.#memory, at, value.length).set(value);
      return at;
    }
    const at = this.#allocate(stackDescriptorBytes);
    this.#fillStack(at, value.elements);
    return at;
  }

  #fillStack(at: number, elements: readonly Value[]): void {
    this.#stacks.set(
      at,
      elements.map((element) => {
        if ('elements' in element) {
          const inner = this.#allocate(stackDescriptorBytes);
          this.#fillStack(inner, element.elements);
          return inner;
        }
        const place = this.#allocate(element.byteLength);
        new Uint8Array(this.#memory, place, element.byteLength).set(
          new Uint8Array(element.buffer, element.byteOffset, element.byteLength),
        );
        return place;
      }),
    );
  }

  /** Elements of a stack of float64 values or of stacks of them. */
  #stack(at: number): Value {
    const elements = this.#stacks.get(at) ?? [];
    return {
      elements: elements.map((element) =>
        this.#stacks.has(element)
          ? this.#stack(element)
          : new Float64Array(this.#memory, element, 1).slice(),
      ),
    };
  }

  #address(pointer: Pointer, frame: Frame): number {
    if (pointer.kind === 'buffer') {
      const base = frame.addresses.get(pointer.buffer);
      if (base === undefined) throw new Error(`buffer ${pointer.buffer.name} has no address`);
      return base + this.#affine(pointer.offset, frame) * itemSize(pointer.buffer.dtype);
    }
    const at = this.#address(pointer.stack, frame);
    const elements = this.#stacks.get(at) ?? [];
    const index = this.#expr(pointer.index, frame, new Map());
    if (pointer.grow) {
      while (elements.length <= index) elements.push(this.#allocate(pointer.bytes));
      this.#stacks.set(at, elements);
    }
    const element = elements[index];
    if (element === undefined) throw new Error(`element ${index} of a stack of ${elements.length}`);
    return element;
  }

  #statements(statements: readonly Statement[], frame: Frame): void {
    const shared = new Map<Expr, number>();
    for (const statement of statements) this.#statement(statement, frame, shared);
  }

  #statement(statement: Statement, frame: Frame, shared: Map<Expr, number>): void {
    switch (statement.do) {
      case 'for': {
        const count = statement.loop.extent ?? this.#expr(statement.count ?? fail(), frame, shared);
        for (let i = 0; i < count; i++) {
          frame.loops.set(statement.loop, i);
          this.#statements(statement.body, frame);
        }
        return;
      }
      case 'store': {
        const value = this.#expr(statement.value, frame, shared);
        const { buffer } = statement;
        this.#element(buffer, statement.index, frame, (data, i) => {
          data[i] = toDtype(buffer.dtype, value);
        });
        return;
      }
      case 'set':
        frame.locals.set(statement.local, this.#expr(statement.value, frame, new Map()));
        return;
      case 'reduce': {
        let total = neutral(statement.combine, statement.target.type);
        this.#nested(statement.loops, frame, () => {
          total = combine(statement.combine, total, this.#expr(statement.value, frame, new Map()));
        });
        frame.locals.set(statement.target, toDtype(statement.target.type, total));
        return;
      }
      case 'if':
        this.#statements(
          this.#expr(statement.condition, frame, new Map()) ? statement.then : statement.else,
          frame,
        );
        return;
      case 'while':
        for (;;) {
          this.#statements(statement.before, frame);
          if (!this.#expr(statement.condition, frame, new Map())) return;
          this.#statements(statement.body, frame);
        }
      case 'call': {
        this.#statistics.calls += 1;
        const addresses = new Map<Buffer, number>();
        statement.kernel.params.forEach((param, i) => {
          addresses.set(param, this.#address(statement.args[i] ?? fail(), frame));
        });
        if (statement.kernel.params.length !== statement.args.length) throw new Error('arguments');
        const own: Frame = { addresses, loops: new Map(), locals: new Map() };
        this.#statements(statement.kernel.body, own);
        return;
      }
      case 'copy': {
        this.#statistics.copies += 1;
        const to = this.#address(statement.to, frame);
        const from = this.#address(statement.from, frame);
        if (to !== from && Math.abs(to - from) < statement.bytes) throw new Error('overlap');
        new Uint8Array(this.#memory).copyWithin(to, from, from + statement.bytes);
        const stack = this.#stacks.get(from);
        if (stack && statement.bytes === stackDescriptorBytes) this.#stacks.set(to, stack);
        return;
      }
      case 'zero': {
        const at = this.#address(statement.at, frame);
        new Uint8Array(this.#memory, at, statement.bytes).fill(0);
        if (statement.bytes > 0) this.#stacks.set(at, []);
        return;
      }
      case 'swap': {
        const a = frame.addresses.get(statement.a) ?? fail();
        frame.addresses.set(statement.a, frame.addresses.get(statement.b) ?? fail());
        frame.addresses.set(statement.b, a);
        return;
      }
      case 'length':
        frame.locals.set(
          statement.target,
          this.#stacks.get(this.#address(statement.stack, frame))?.length ?? 0,
        );
        return;
      case 'fail':
        throw this.#failure(statement.site, this.#expr(statement.detail, frame, new Map()));
    }
  }

  #failure(site: number, detail: number): Error {
    const { operation, kind, limit } = this.#module.sites[site] ?? fail();
    return new Error(`${operation}: ${kind} ${detail} (limit ${limit})`);
  }

  #nested(loops: readonly Loop[], frame: Frame, body: () => void): void {
    const [first, ...rest] = loops;
    if (first === undefined) {
      body();
      return;
    }
    for (let i = 0; i < (first.extent ?? fail()); i++) {
      frame.loops.set(first, i);
      this.#nested(rest, frame, body);
    }
  }

  #element(
    buffer: Buffer,
    index: Affine,
    frame: Frame,
    use: (data: Data, index: number) => void,
  ): void {
    const address = frame.addresses.get(buffer);
    if (address === undefined) throw new Error(`buffer ${buffer.name} has no address`);
    const at = this.#affine(index, frame);
    if (!(at >= 0 && at < buffer.size)) {
      throw new Error(`element ${at} of ${buffer.name}, which has ${buffer.size}`);
    }
    use(viewOf(buffer.dtype, this.#memory, address, buffer.size), at);
  }

  #affine({ base, terms }: Affine, frame: Frame): number {
    let sum = base;
    for (const { coefficient, factor } of terms) {
      const value = this.#expr(factor, frame, new Map());
      const range = affineRange({ base: 0, terms: [{ coefficient: 1, factor }] });
      if (range && (value < range[0] || value > range[1])) throw new Error('a wrong range');
      sum += coefficient * value;
    }
    return sum;
  }

  /** Expressions are shared within one run of a list of statements, as compiled code does. */
  #expr(expr: Expr, frame: Frame, shared: Map<Expr, number>): number {
    const known = shared.get(expr);
    if (known !== undefined) return known;
    const value = this.#evaluate(expr, frame, shared);
    if (expr.op !== 'local') shared.set(expr, value);
    return value;
  }

  #evaluate(expr: Expr, frame: Frame, shared: Map<Expr, number>): number {
    const of = (x: Expr): number => this.#expr(x, frame, shared);
    switch (expr.op) {
      case 'const':
        return expr.value;
      case 'loop':
        return frame.loops.get(expr.loop) ?? fail();
      case 'local':
        return frame.locals.get(expr.local) ?? fail();
      case 'index':
        return this.#affine(expr.index, frame) | 0;
      case 'load': {
        let value = Number.NaN;
        this.#element(expr.buffer, expr.index, frame, (data, i) => {
          value = data[i] ?? Number.NaN;
        });
        return value;
      }
      case 'unary':
        return toDtype(expr.type, unary(expr.fn, expr.type, of(expr.x)));
      case 'binary': {
        const [x, y] = [of(expr.x), of(expr.y)];
        return toDtype(expr.type, binary(expr.fn, expr.type, x, y));
      }
      case 'compare': {
        const [x, y] = [of(expr.x), of(expr.y)];
        return Number(
          { eq: x === y, ne: x !== y, lt: x < y, le: x <= y, gt: x > y, ge: x >= y }[expr.fn],
        );
      }
      case 'select':
        return of(expr.condition) ? of(expr.x) : of(expr.y);
      case 'cast': {
        const x = of(expr.x);
        if (expr.type !== 'int32') return toDtype(expr.type, x);
        return Number.isNaN(x) ? 0 : Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), Math.trunc(x)));
      }
      case 'bits':
        return bitsOf(expr, expr.args.map(of));
      case 'math':
        return math(expr.fn, expr.type, expr.args.map(of));
      case 'check': {
        const x = of(expr.x);
        if (x < 0 || x >= expr.extent) throw this.#failure(expr.site, x);
        return x;
      }
    }
  }
}

function bitsOf({ type, args, word }: Extract<Expr, { op: 'bits' }>, values: number[]): number {
  const view = new DataView(new ArrayBuffer(8));
  const [x = 0, y = 0] = values;
  if (args.length === 2) {
    view.setInt32(0, x, true);
    view.setInt32(4, y, true);
    return view.getFloat64(0, true);
  }
  if (type === 'float32') view.setInt32(0, x, true);
  else if (args[0]?.type === 'float32') view.setFloat32(0, x, true);
  else view.setFloat64(0, x, true);
  return type === 'float32' ? view.getFloat32(0, true) : view.getInt32(4 * word, true);
}

interface Frame {
  readonly addresses: Map<Buffer, number>;
  readonly loops: Map<Loop, number>;
  readonly locals: Map<Local, number>;
}

function fail(): never {
  throw new Error('the kernel is malformed');
}
