import { compileResumable, type ResumableModule } from '../backends/wasm/compile-resumable.ts';
import {
  instantiateResumable,
  type ResumableRunner,
} from '../backends/wasm/instantiate-resumable.ts';
import { statusKinds } from '../backends/wasm/layout.ts';
import { progressOf, stepsOf } from '../backends/wasm/progress.ts';
import { lowerProgram } from '../compiler/compile.ts';
import type { Site } from '../kernel/statement.ts';
import type { Program } from '../program/program.ts';
import { Symbolic, type ValueStorage } from '../tensor/storage.ts';
import { makeTensor, type Tensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import type { Progress, ResumableRun } from '../trace/executor.ts';
import type { CallMemory } from './call-memory.ts';
import { hostFunctions } from './host-calls.ts';
import { elementBytes, readValue, totalBytes, writeValue } from './marshal.ts';
import type { Resident } from './residents.ts';
import { originsOf, workOf } from './what-for.ts';
import type { Lease } from './workspaces.ts';

/** Where values are: from the base of the call's memory, or null for those that live outside of it. */
interface Slot {
  readonly type: ValueType;
  readonly place: number | null;
}

/** What a call holds of the memory until it is released. */
interface Holdings {
  readonly lease: Lease;
  readonly pinned: Resident[];
  /** Blocks for results that live outside of the call's memory. */
  readonly blocks: number[];
}

/** A Program compiled to a module whose calls can be left and gone on with. */
export class ResumableProgram {
  readonly #memory: CallMemory;
  readonly #module: ResumableModule;
  readonly #runner: ResumableRunner;
  readonly #sites: readonly Site[];
  readonly #inputs: readonly ValueType[];
  readonly #outputs: readonly ValueType[];
  /** What its memory and its results are for, in words. */
  readonly #work: string;
  readonly #origins: readonly string[];

  constructor(program: Program, memory: CallMemory, fused: boolean) {
    const module = lowerProgram(program, memory.blockBytes);
    this.#memory = memory;
    this.#module = compileResumable(module, memory.printOptions(fused));
    const { realm } = memory;
    const hosts = hostFunctions(module.hosts ?? [], realm);
    const threads = memory.threadsOf(this.#module, this);
    this.#runner = instantiateResumable(this.#module, { realm, hosts, threads });
    this.#sites = module.sites;
    this.#work = workOf(module);
    this.#origins = originsOf(program);
    this.#inputs = program.inputs.map(({ type }) => type);
    this.#outputs = program.outputs.map(({ type }) => type);
  }

  /** Takes memory for a call, brings the inputs there, and prepares to run it by so many threads. */
  begin(inputs: readonly Tensor[], threads: number): ResumableRun {
    const values = inputs.map(({ source }) =>
      source instanceof Symbolic ? source.concrete('compiled call') : source,
    );
    let bytes = this.#module.resume.bytes;
    const slotOf = (type: ValueType, value?: ValueStorage): Slot => {
      const size = value ? totalBytes(type, value) : elementBytes(type);
      if (type.kind === 'tensor' && size >= this.#memory.residentFrom) return { type, place: null };
      const place = bytes;
      bytes += Math.ceil(size / 16) * 16;
      return { type, place };
    };
    const ins = this.#inputs.map((type, i) => slotOf(type, values[i]));
    const outs = this.#outputs.map((type) => slotOf(type));
    const lease = this.#memory.lease(bytes, () => this.#work);
    const holdings: Holdings = { lease, pinned: [], blocks: [] };
    try {
      this.#write(ins, values, outs, holdings);
    } catch (error) {
      this.#release(holdings);
      throw error;
    }
    return this.#runOn(outs, holdings, threads);
  }

  #write(
    ins: readonly Slot[],
    values: readonly ValueStorage[],
    outs: readonly Slot[],
    { lease: { base }, pinned, blocks }: Holdings,
  ): void {
    const { residents, realm } = this.#memory;
    const addressOf = ({ type, place }: Slot, value?: ValueStorage, origin?: string): number => {
      if (place !== null) return base + place;
      if (type.kind === 'stack') throw new Error('Stacks are part of the memory of a call.');
      if (value?.kind === 'dense') {
        const resident = residents.admit(value, type);
        pinned.push(resident);
        return resident.address;
      }
      const block = residents.reserve(type, origin);
      blocks.push(block);
      return block;
    };
    // What may move memory comes before views of it.
    const addresses = [
      ...ins.map((slot, i) => addressOf(slot, values[i])),
      ...outs.map((slot, i) => addressOf(slot, undefined, this.#origins[i])),
    ];
    const { buffer } = realm.memory;
    const { layout, resume } = this.#module;
    new Uint8Array(buffer, base, layout.workspaceAt).fill(0);
    new Uint8Array(buffer, base + resume.pointAt, resume.bytes - resume.pointAt).fill(0);
    new Int32Array(buffer, base + layout.tableAt).set(addresses);
    ins.forEach(({ type, place }, i) => {
      const value = values[i];
      if (value === undefined) throw new Error(`Input ${i} of a compiled Program is missing.`);
      if (place !== null) writeValue(buffer, base + place, type, value);
    });
  }

  #runOn(outs: readonly Slot[], holdings: Holdings, threads: number): ResumableRun {
    const { lease } = holdings;
    const run = (refuel: () => number): boolean =>
      this.#memory.withThreads(this.#module, threads, () => this.#runner(lease.base, refuel));
    let ended = false;
    let released = false;
    return {
      advance: (refuel) => {
        lease.enter();
        try {
          if (!run(refuel)) return undefined;
        } finally {
          lease.leave();
        }
        const results = this.#results(outs, holdings);
        ended = true;
        return results;
      },
      progress: () => this.#progress(lease.base, ended),
      release: () => {
        if (!released) this.#release(holdings);
        released = true;
      },
    };
  }

  #results(outs: readonly Slot[], { lease: { base }, blocks }: Holdings): Tensor[] {
    const { residents, realm } = this.#memory;
    const { buffer } = realm.memory;
    const [kind = 0, site = 0, detail = 0] = new Int32Array(buffer, base, 3);
    if (kind !== statusKinds.ok) throw this.#memory.failure(kind, this.#sites[site], detail);
    return outs.map(({ type, place }) =>
      makeTensor(
        type,
        place === null && type.kind === 'tensor'
          ? residents.adopt(blocks.shift() ?? 0, type)
          : readValue(buffer, base + (place ?? 0), type),
      ),
    );
  }

  #release({ lease, pinned, blocks }: Holdings): void {
    const { residents, realm } = this.#memory;
    for (const resident of pinned) resident.unpin();
    for (const address of blocks) realm.free(address);
    lease.release();
    residents.trim();
  }

  #progress(base: number, ended: boolean): Progress {
    const { resume, route } = this.#module;
    const words = (at: number, count: number): Int32Array =>
      new Int32Array(this.#memory.realm.memory.buffer, base + at, count);
    const counters = words(resume.countersAt, resume.counters);
    if (ended) return { fraction: 1, steps: stepsOf(route, counters) };
    const [point = 0, piece = 0, iteration = 0] = words(resume.pointAt, 3);
    return progressOf(route, { point, piece, iteration, counters });
  }
}
