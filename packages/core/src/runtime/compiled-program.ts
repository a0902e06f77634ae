import { type CompiledModule, compileModule } from '../backends/wasm/compile.ts';
import { instantiateModule, type Runner } from '../backends/wasm/instantiate.ts';
import { type ModuleLayout, statusKinds } from '../backends/wasm/layout.ts';
import { lowerProgram } from '../compiler/compile.ts';
import type { Site } from '../kernel/statement.ts';
import type { Program } from '../program/program.ts';
import { type Data, viewOf } from '../tensor/dtype.ts';
import { sizeOf } from '../tensor/shape.ts';
import { Elements, Symbolic, type ValueStorage } from '../tensor/storage.ts';
import { makeTensor, type Tensor } from '../tensor/tensor.ts';
import type { TensorType, ValueType } from '../tensor/type.ts';
import type { CallMemory } from './call-memory.ts';
import { hostFunctions } from './host-calls.ts';
import { elementBytes, readValue, totalBytes, writeValue } from './marshal.ts';
import type { Resident } from './residents.ts';
import { originsOf, workOf } from './what-for.ts';
import type { Lease } from './workspaces.ts';

/** How one input or output is handed over: copied through the memory of the call, or by address. */
interface Slot {
  readonly type: ValueType;
  /** From the start of the call's memory; null when it has a block of its own. */
  readonly place: number | null;
}

/** Views of the memory of a call, as long as it stays where it is. */
interface Views {
  readonly base: number;
  /** Status record and table of addresses. */
  readonly header: Int32Array;
  /** What the header is before a call, but for values in blocks of their own. */
  readonly start: Int32Array;
  /** Of tensors that are copied; inputs, then outputs. */
  readonly values: readonly (Data | undefined)[];
}

/** What a call holds until it ends. */
interface Call {
  readonly lease: Lease;
  /** Inputs that are passed by address. */
  readonly pinned: Resident[];
  /** Outputs that are passed by address, and belong to nobody yet. */
  readonly blocks: number[];
}

/** A Program as code, and how to call it. */
export class CompiledProgram {
  readonly #memory: CallMemory;
  readonly #runner: Runner;
  readonly #compiled: Omit<CompiledModule, 'bytes'>;
  readonly #layout: ModuleLayout;
  readonly #sites: readonly Site[];
  /** Inputs, then outputs, as in the table. */
  readonly #slots: readonly Slot[];
  readonly #inputs: number;
  readonly #bytes: number;
  /** What its memory and its results are for, in words. */
  readonly #work: string;
  readonly #origins: readonly string[];
  /** Whether all values are tensors that are copied. */
  readonly #allCopied: boolean;
  #views: Views | undefined;

  constructor(program: Program, memory: CallMemory, fused: boolean) {
    const module = lowerProgram(program, memory.blockBytes);
    const { bytes: code, ...compiled } = compileModule(module, memory.printOptions(fused));
    this.#memory = memory;
    const { realm } = memory;
    this.#runner = instantiateModule(
      { bytes: code, ...compiled },
      {
        realm,
        hosts: hostFunctions(module.hosts ?? [], realm),
        threads: memory.threadsOf({ bytes: code, ...compiled }, this),
      },
    );
    this.#compiled = compiled;
    this.#layout = compiled.layout;
    this.#sites = module.sites;
    this.#inputs = program.inputs.length;
    this.#work = workOf(module);
    this.#origins = originsOf(program);
    let bytes = this.#layout.bytes;
    this.#slots = [...program.inputs, ...program.outputs].map(({ type }, i) => {
      const size = elementBytes(type);
      const least = i < this.#inputs ? memory.broughtFrom : memory.residentFrom;
      if (type.kind === 'tensor' && size >= least) return { type, place: null };
      const place = bytes;
      bytes += Math.ceil(size / 16) * 16;
      return { type, place };
    });
    this.#allCopied = this.#slots.every(
      ({ type, place }) => type.kind === 'tensor' && place !== null,
    );
    this.#bytes = bytes;
  }

  /** Runs it, by so many threads at most. */
  run(inputs: readonly Tensor[], threads: number): Tensor[] {
    if (inputs.length !== this.#inputs) {
      throw new Error(`A Program of ${this.#inputs} inputs was given ${inputs.length}.`);
    }
    const values = inputs.map(({ source }) =>
      source instanceof Symbolic ? source.concrete('compiled call') : source,
    );
    const bytes = this.#allCopied ? this.#bytes : this.#bytesFor(values);
    const call: Call = {
      lease: this.#memory.lease(bytes, () => this.#work),
      pinned: [],
      blocks: [],
    };
    try {
      this.#prepare(values, call);
      this.#run(call.lease, threads);
      return this.#results(call);
    } finally {
      this.#release(call);
    }
  }

  /** Bytes of the call's memory; stacks, whose sizes are known only now, come last. */
  #bytesFor(values: readonly ValueStorage[]): number {
    let bytes = this.#bytes;
    values.forEach((value, i) => {
      const type = this.#slots[i]?.type;
      if (type?.kind === 'stack') bytes += totalBytes(type, value);
    });
    return bytes;
  }

  #prepare(values: readonly ValueStorage[], call: Call): void {
    // What may move memory comes before views of it.
    const addresses = this.#allCopied ? [] : this.#place(values, call);
    const { header, start, values: views } = this.#viewsAt(call.lease.base);
    header.set(start);
    const table = this.#layout.tableAt / 4;
    addresses.forEach((address, i) => {
      if (address !== 0) header[table + i] = address;
    });
    for (let i = 0; i < values.length; i++) {
      const view = views[i];
      if (view === undefined) continue;
      const value = values[i];
      if (value?.kind !== 'dense') throw wrongType(i);
      const { data } = value;
      if (data.length !== view.length) throw wrongType(i);
      view.set(data);
    }
  }

  /** Addresses of the values that are not copied to fixed places, which are there then; 0 for the others. */
  #place(values: readonly ValueStorage[], { lease, pinned, blocks }: Call): number[] {
    const { residents, realm } = this.#memory;
    const addresses = this.#slots.map(({ type, place }, i) => {
      if (place !== null || type.kind === 'stack') return 0;
      const value = values[i];
      if (value === undefined) {
        const address = residents.reserve(type, this.#origins[i - this.#inputs]);
        blocks.push(address);
        return address;
      }
      if (value.kind !== 'dense') throw wrongType(i);
      const resident = residents.admit(value, type);
      pinned.push(resident);
      return resident.address;
    });
    let free = lease.base + this.#bytes;
    values.forEach((value, i) => {
      const type = this.#slots[i]?.type;
      if (type?.kind !== 'stack') return;
      addresses[i] = free;
      writeValue(realm.memory.buffer, free, type, value);
      free += totalBytes(type, value);
    });
    return addresses;
  }

  #run(lease: Lease, threads: number): void {
    const { growsStacks, threadBytes } = this.#compiled;
    if (!growsStacks && threadBytes === undefined) {
      this.#runner(lease.base);
      return;
    }
    const run = (): void =>
      this.#memory.withThreads(this.#compiled, threads, () => this.#runner(lease.base));
    if (!growsStacks) {
      run();
      return;
    }
    lease.enter();
    try {
      run();
    } finally {
      lease.leave();
    }
  }

  #results({ lease, blocks }: Call): Tensor[] {
    const { residents, slab, realm } = this.#memory;
    const { header, values } = this.#viewsAt(lease.base);
    const [kind = 0, site = 0, detail = 0] = header;
    if (kind !== statusKinds.ok) throw this.#memory.failure(kind, this.#sites[site], detail);
    const results: Tensor[] = [];
    for (let i = this.#inputs; i < this.#slots.length; i++) {
      const slot = this.#slots[i];
      const view = values[i];
      if (slot === undefined) continue;
      const { type, place } = slot;
      if (view && type.kind === 'tensor') {
        results.push(makeTensor(type, new Elements(slab.copy(type.dtype, view))));
      } else if (place !== null) {
        const value = readValue(realm.memory.buffer, lease.base + place, type);
        results.push(makeTensor(type, value));
      } else if (type.kind === 'tensor') {
        results.push(makeTensor(type, residents.adopt(blocks.shift() ?? 0, type)));
      }
    }
    return results;
  }

  #release({ lease, pinned, blocks }: Call): void {
    const { residents, realm } = this.#memory;
    for (const resident of pinned) resident.unpin();
    for (const address of blocks) realm.free(address);
    lease.release();
    residents.trim();
  }

  #viewsAt(base: number): Views {
    const known = this.#views;
    // Views of memory that has grown since are empty, or good where threads share it.
    if (known && known.base === base && known.header.length > 0) return known;
    const { buffer } = this.#memory.realm.memory;
    const { tableAt } = this.#layout;
    const words = tableAt / 4 + this.#slots.length;
    const start = new Int32Array(words);
    start.set(
      this.#slots.map(({ place }) => base + (place ?? 0)),
      tableAt / 4,
    );
    const views: Views = {
      base,
      header: new Int32Array(buffer, base, words),
      start,
      values: this.#slots.map(({ type, place }) =>
        type.kind === 'stack' || place === null ? undefined : viewAt(type, buffer, base + place),
      ),
    };
    this.#views = views;
    return views;
  }
}

function viewAt(type: TensorType, buffer: ArrayBuffer, address: number): Data {
  return viewOf(type.dtype, buffer, address, sizeOf(type.shape));
}

function wrongType(input: number): TypeError {
  return new TypeError(`Input ${input} of a compiled Program has the wrong type.`);
}
