import { Bytes } from './bytes.ts';
import { Code, type ValueType, valueTypeCodes } from './code.ts';

/** A function under construction. Locals are handed out and may be given back for reuse. */
export class FunctionBuilder {
  readonly code: Code = new Code();
  readonly index: number;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  readonly #free = new Map<ValueType, number[]>();

  constructor(index: number, params: readonly ValueType[], results: readonly ValueType[]) {
    this.index = index;
    this.params = params;
    this.results = results;
  }

  /** A local of unknown content. */
  local(type: ValueType): number {
    return this.#free.get(type)?.pop() ?? this.newLocal(type);
  }

  /** A local that no code printed so far uses. */
  newLocal(type: ValueType): number {
    this.#locals.push(type);
    return this.params.length + this.#locals.length - 1;
  }

  release(local: number): void {
    const type = this.#locals[local - this.params.length];
    if (type === undefined) return;
    const free = this.#free.get(type);
    if (free) free.push(local);
    else this.#free.set(type, [local]);
  }

  body(): Bytes {
    const body = new Bytes();
    const runs: [count: number, type: ValueType][] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last && last[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    body.u32(runs.length);
    for (const [count, type] of runs) {
      body.u32(count);
      body.u8(valueTypeCodes[type]);
    }
    body.append(this.code.bytes);
    body.u8(0x0b);
    return body;
  }
}

/** Limits of an imported memory, in pages of 64 KiB. A shared one must state its maximum. */
export interface MemoryLimits {
  readonly initial: number;
  readonly maximum?: number;
  readonly shared: boolean;
}

/**
 * A WebAssembly module that imports one memory, mutable i32 globals and functions, and exports
 * functions and globals of its own. Functions are numbered as they are declared, so that they may
 * call each other in any order.
 */
export class ModuleBuilder {
  readonly #types = new Map<string, number>();
  readonly #functions: { readonly builder: FunctionBuilder; readonly type: number }[] = [];
  readonly #imports: { readonly module: string; readonly name: string; readonly type: number }[] =
    [];
  readonly #globals: { readonly module: string; readonly name: string }[] = [];
  readonly #exports: { readonly name: string; readonly kind: 0 | 3; readonly index: number }[] = [];
  #ownGlobals = 0;
  readonly #memory: MemoryLimits;

  constructor(memory: MemoryLimits) {
    this.#memory = memory;
  }

  importGlobal(module: string, name: string): number {
    this.#globals.push({ module, name });
    return this.#globals.length - 1;
  }

  /** A mutable i32 of the instance, 0 at first. All imported globals come before it. */
  global(): number {
    return this.#globals.length + this.#ownGlobals++;
  }

  /** A function from outside. All of them come before the functions of the module. */
  importFunction(
    module: string,
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
  ): number {
    if (this.#functions.length > 0) throw new Error(`${name} is imported after a function.`);
    this.#imports.push({ module, name, type: this.#type(params, results) });
    return this.#imports.length - 1;
  }

  function(params: readonly ValueType[], results: readonly ValueType[]): FunctionBuilder {
    const index = this.#imports.length + this.#functions.length;
    const builder = new FunctionBuilder(index, params, results);
    this.#functions.push({ builder, type: this.#type(params, results) });
    return builder;
  }

  export(name: string, builder: FunctionBuilder): void {
    this.#exports.push({ name, kind: 0, index: builder.index });
  }

  exportGlobal(name: string, index: number): void {
    this.#exports.push({ name, kind: 3, index });
  }

  #type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join(' ')}>${results.join(' ')}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    this.#types.set(key, this.#types.size);
    return this.#types.size - 1;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    section(out, 1, [...this.#types.keys()], (bytes, key) => {
      bytes.u8(0x60);
      for (const side of key.split('>')) {
        const types = side.split(' ').filter(isValueType);
        bytes.u32(types.length);
        for (const type of types) bytes.u8(valueTypeCodes[type]);
      }
    });
    const { initial, maximum, shared } = this.#memory;
    const imports: ((bytes: Bytes) => void)[] = [
      (bytes) => {
        bytes.name('env');
        bytes.name('memory');
        bytes.u8(2);
        bytes.u8((maximum === undefined ? 0 : 1) + (shared ? 2 : 0));
        bytes.u32(initial);
        if (maximum !== undefined) bytes.u32(maximum);
      },
      ...this.#globals.map(({ module, name }) => (bytes: Bytes) => {
        bytes.name(module);
        bytes.name(name);
        bytes.u8(3);
        bytes.u8(valueTypeCodes.i32);
        bytes.u8(1);
      }),
      ...this.#imports.map(({ module, name, type }) => (bytes: Bytes) => {
        bytes.name(module);
        bytes.name(name);
        bytes.u8(0);
        bytes.u32(type);
      }),
    ];
    section(out, 2, imports, (bytes, write) => write(bytes));
    section(out, 3, this.#functions, (bytes, { type }) => bytes.u32(type));
    section(out, 6, new Array<null>(this.#ownGlobals).fill(null), (bytes) => {
      bytes.bytes([valueTypeCodes.i32, 1, 0x41, 0, 0x0b]);
    });
    section(out, 7, this.#exports, (bytes, { name, kind, index }) => {
      bytes.name(name);
      bytes.u8(kind);
      bytes.u32(index);
    });
    section(out, 10, this.#functions, (bytes, { builder }) => bytes.sized(builder.body()));
    return out.toArray();
  }
}

function isValueType(name: string): name is ValueType {
  return name in valueTypeCodes;
}

function section<T>(
  out: Bytes,
  id: number,
  items: readonly T[],
  write: (bytes: Bytes, item: T) => void,
): void {
  if (items.length === 0) return;
  const bytes = new Bytes();
  bytes.u32(items.length);
  for (const item of items) write(bytes, item);
  out.u8(id);
  out.sized(bytes);
}
