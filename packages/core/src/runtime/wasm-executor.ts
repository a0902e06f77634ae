import { compileModule } from '../backends/wasm/compile.ts';
import { instantiateModule, type Runner } from '../backends/wasm/instantiate.ts';
import { type ModuleLayout, statusBytes, statusKinds } from '../backends/wasm/layout.ts';
import { RealmMemory } from '../backends/wasm/memory.ts';
import { lowerProgram } from '../compiler/compile.ts';
import { simplify } from '../compiler/simplify.ts';
import type { Site } from '../kernel/statement.ts';
import { Cache } from '../program/cache.ts';
import { structuralKey } from '../program/hash.ts';
import type { Program } from '../program/program.ts';
import { type Data, viewOf } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import { Symbolic, type ValueStorage } from '../tensor/storage.ts';
import { makeTensor, type Tensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import type { Executor } from '../trace/executor.ts';
import { failureOf } from './call-failure.ts';
import { elementBytes, readValue, totalBytes, writeValue } from './marshal.ts';
import { type Lease, Workspaces } from './workspaces.ts';

export interface WasmExecutorOptions {
  /** Compiled Programs that are kept; the least recently used go first. */
  readonly programs?: number;
  /** Bytes of working memory kept between calls. */
  readonly keptBytes?: number;
}

/** Compiles Programs to WebAssembly and runs each as one call. */
export class WasmExecutor implements Executor {
  readonly #compiled: Cache<CompiledProgram>;
  readonly #workspaces: Workspaces;

  constructor({ programs = 1024, keptBytes = 2 ** 26 }: WasmExecutorOptions = {}) {
    this.#compiled = new Cache(programs);
    this.#workspaces = new Workspaces(new RealmMemory(), keptBytes);
  }

  /** Compiled Programs at hand. */
  get compiledPrograms(): number {
    return this.#compiled.size;
  }

  /** Bytes of working memory held between calls. */
  get bytesInUse(): number {
    return this.#workspaces.realm.bytesInUse;
  }

  simplify(program: Program): Program {
    return simplify(program, { expand: false });
  }

  run(program: Program, inputs: readonly Tensor[]): readonly Tensor[] {
    const compiled = this.#compiled.get(
      structuralKey(program),
      () => new CompiledProgram(program, this.#workspaces),
    );
    const results = compiled.run(inputs);
    return program.outputs.map(({ type }, i) => {
      const storage = results[i];
      if (storage === undefined) throw new Error('A compiled Program gave too few results.');
      return makeTensor(type, storage);
    });
  }
}

/** Views of the memory of a call, as long as it stays where it is. */
interface Views {
  readonly buffer: ArrayBuffer;
  readonly base: number;
  /** Status record and table of addresses. */
  readonly header: Int32Array;
  /** What the header is before a call. */
  readonly start: Int32Array;
  readonly inputs: readonly Data[];
  readonly outputs: readonly Data[];
}

class CompiledProgram {
  readonly #workspaces: Workspaces;
  readonly #runner: Runner;
  readonly #layout: ModuleLayout;
  readonly #sites: readonly Site[];
  readonly #inputs: readonly ValueType[];
  readonly #outputs: readonly ValueType[];
  /** Where outputs and then inputs are, from the start of the call's memory. */
  readonly #places: readonly number[];
  readonly #bytes: number;
  readonly #stacks: boolean;
  #views: Views | undefined;

  constructor(program: Program, workspaces: Workspaces) {
    const module = lowerProgram(program);
    const compiled = compileModule(module);
    this.#workspaces = workspaces;
    this.#runner = instantiateModule(compiled, workspaces.realm);
    this.#layout = compiled.layout;
    this.#sites = module.sites;
    this.#inputs = program.inputs.map(({ type }) => type);
    this.#outputs = program.outputs.map(({ type }) => type);
    this.#stacks = [...this.#inputs, ...this.#outputs].some(({ kind }) => kind === 'stack');
    let bytes = this.#layout.bytes;
    this.#places = [...this.#outputs, ...this.#inputs].map((type) => {
      const place = bytes;
      bytes += Math.ceil(elementBytes(type) / 16) * 16;
      return place;
    });
    this.#bytes = bytes;
  }

  run(inputs: readonly Tensor[]): ValueStorage[] {
    if (inputs.length !== this.#inputs.length) {
      throw new Error(`A Program of ${this.#inputs.length} inputs was given ${inputs.length}.`);
    }
    const values = inputs.map(({ source }) =>
      source instanceof Symbolic ? source.concrete('run') : source,
    );
    const places = this.#stacks ? this.#placesFor(values) : undefined;
    const lease = this.#workspaces.lease(places?.bytes ?? this.#bytes);
    try {
      return places ? this.#runWithStacks(values, places, lease) : this.#runDense(values, lease);
    } finally {
      lease.release();
    }
  }

  #call(lease: Lease): void {
    lease.enter();
    try {
      this.#runner(lease.base);
    } finally {
      lease.leave();
    }
  }

  #runDense(values: readonly ValueStorage[], lease: Lease): ValueStorage[] {
    const views = this.#viewsAt(lease.base);
    views.header.set(views.start);
    values.forEach((value, i) => {
      const view = views.inputs[i];
      if (value.kind !== 'dense' || view === undefined || value.data.length !== view.length) {
        throw new TypeError(`Input ${i} of a compiled Program has the wrong type.`);
      }
      view.set(value.data);
    });
    this.#call(lease);
    const { outputs, header } = this.#viewsAt(lease.base);
    this.#check(header);
    return outputs.map((view) => ({ kind: 'dense', data: view.slice() }));
  }

  /** Sizes of stacks are known only now, so inputs are laid out anew behind the outputs. */
  #placesFor(values: readonly ValueStorage[]): { readonly at: number[]; readonly bytes: number } {
    const outputs = this.#outputs.length;
    let bytes = this.#places[outputs] ?? this.#bytes;
    const at = this.#places.slice(0, outputs);
    this.#inputs.forEach((type, i) => {
      at.push(bytes);
      const value = values[i];
      if (value) bytes += totalBytes(type, value);
    });
    return { at, bytes };
  }

  #runWithStacks(
    values: readonly ValueStorage[],
    places: { readonly at: readonly number[] },
    lease: Lease,
  ): ValueStorage[] {
    const { base } = lease;
    const { realm } = this.#workspaces;
    const { buffer } = realm.memory;
    const addresses = places.at.map((place) => base + place);
    this.#header(buffer, base).set(this.#startAt(base, places.at));
    this.#inputs.forEach((type, i) => {
      const value = values[i];
      if (value) writeValue(buffer, addresses[this.#outputs.length + i] ?? 0, type, value);
    });
    this.#call(lease);
    const after = realm.memory.buffer;
    this.#check(this.#header(after, base));
    return this.#outputs.map((type, i) => readValue(after, addresses[i] ?? 0, type));
  }

  #check([kind = 0, site = 0, detail = 0]: Int32Array): void {
    if (kind !== statusKinds.ok) throw failureOf(kind, this.#sites[site], detail);
  }

  #header(buffer: ArrayBuffer, base: number): Int32Array {
    const words = this.#layout.tableAt / 4 + this.#places.length;
    return new Int32Array(buffer, base, words);
  }

  /** A clear status record, and the addresses of inputs and then outputs. */
  #startAt(base: number, places: readonly number[]): Int32Array {
    const { tableAt } = this.#layout;
    const start = new Int32Array(tableAt / 4 + places.length);
    const outputs = this.#outputs.length;
    const ordered = [...places.slice(outputs), ...places.slice(0, outputs)];
    start.fill(0, 0, statusBytes / 4);
    start.set(
      ordered.map((place) => base + place),
      tableAt / 4,
    );
    return start;
  }

  #viewsAt(base: number): Views {
    const { buffer } = this.#workspaces.realm.memory;
    const known = this.#views;
    if (known && known.base === base && known.buffer === buffer) return known;
    const outputs = this.#outputs.length;
    const view = (type: ValueType, place: number | undefined): Data => {
      if (type.kind === 'stack' || place === undefined)
        throw new TypeError('A stack is not dense.');
      return viewOf(type.dtype, buffer, base + place, sizeOf(type.shape));
    };
    const views: Views = {
      buffer,
      base,
      header: this.#header(buffer, base),
      start: this.#startAt(base, this.#places),
      inputs: this.#inputs.map((type, i) => view(type, this.#places[outputs + i])),
      outputs: this.#outputs.map((type, i) => view(type, this.#places[i])),
    };
    this.#views = views;
    return views;
  }
}
