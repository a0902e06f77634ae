import { compileResumable, type ResumableModule } from '../backends/wasm/compile.ts';
import { instantiateResumable, type ResumableRunner } from '../backends/wasm/instantiate.ts';
import { statusKinds } from '../backends/wasm/layout.ts';
import { progressOf, stepsOf } from '../backends/wasm/progress.ts';
import { lowerProgram } from '../compiler/compile.ts';
import type { Site } from '../kernel/statement.ts';
import type { Program } from '../program/program.ts';
import { Symbolic, type ValueStorage } from '../tensor/storage.ts';
import { makeTensor, type Tensor } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import type { Progress, ResumableRun } from '../trace/executor.ts';
import { failureOf } from './call-failure.ts';
import type { CallMemory } from './call-memory.ts';
import { hostFunctions } from './host-calls.ts';
import { elementBytes, readValue, totalBytes, writeValue } from './marshal.ts';
import type { Lease } from './workspaces.ts';

/** A value and where it is, from the base of the call's memory. */
interface Placed {
  readonly type: ValueType;
  readonly at: number;
}

/** A Program compiled to a module whose calls can be left and gone on with. */
export class ResumableProgram {
  readonly #memory: CallMemory;
  readonly #module: ResumableModule;
  readonly #runner: ResumableRunner;
  readonly #sites: readonly Site[];
  readonly #inputs: readonly ValueType[];
  readonly #outputs: readonly ValueType[];

  constructor(program: Program, memory: CallMemory) {
    const module = lowerProgram(program);
    this.#memory = memory;
    this.#module = compileResumable(module);
    const { realm } = memory;
    const hosts = hostFunctions(module.hosts ?? [], realm);
    this.#runner = instantiateResumable(this.#module, realm, hosts);
    this.#sites = module.sites;
    this.#inputs = program.inputs.map(({ type }) => type);
    this.#outputs = program.outputs.map(({ type }) => type);
  }

  /** Takes memory for a call, copies the inputs there, and prepares to run it. */
  begin(inputs: readonly Tensor[]): ResumableRun {
    const values = inputs.map(({ source }) =>
      source instanceof Symbolic ? source.concrete('run') : source,
    );
    let bytes = this.#module.resume.bytes;
    const place = (size: number): number => {
      const at = bytes;
      bytes += Math.ceil(size / 16) * 16;
      return at;
    };
    const ins = this.#inputs.map((type, i) => {
      const value = values[i];
      if (value === undefined) throw new Error(`Input ${i} of a compiled Program is missing.`);
      return { type, value, at: place(totalBytes(type, value)) };
    });
    const outs = this.#outputs.map((type) => ({ type, at: place(elementBytes(type)) }));
    const lease = this.#memory.lease(bytes);
    try {
      this.#write(lease.base, ins, outs);
    } catch (error) {
      lease.release();
      throw error;
    }
    return this.#runOn(lease, outs);
  }

  #write(
    base: number,
    ins: readonly (Placed & { readonly value: ValueStorage })[],
    outs: readonly Placed[],
  ): void {
    const { buffer } = this.#memory.realm.memory;
    const { layout, resume } = this.#module;
    new Uint8Array(buffer, base, layout.workspaceAt).fill(0);
    new Uint8Array(buffer, base + resume.pointAt, resume.bytes - resume.pointAt).fill(0);
    new Int32Array(buffer, base + layout.tableAt).set([...ins, ...outs].map(({ at }) => base + at));
    for (const { type, value, at } of ins) writeValue(buffer, base + at, type, value);
  }

  #runOn(lease: Lease, outs: readonly Placed[]): ResumableRun {
    const { memory } = this.#memory.realm;
    let ended = false;
    let released = false;
    return {
      advance: (refuel) => {
        lease.enter();
        try {
          if (!this.#runner(lease.base, refuel)) return undefined;
        } finally {
          lease.leave();
        }
        const { buffer } = memory;
        const [kind = 0, site = 0, detail = 0] = new Int32Array(buffer, lease.base, 3);
        if (kind !== statusKinds.ok) throw failureOf(kind, this.#sites[site], detail);
        ended = true;
        return outs.map(({ type, at }) =>
          makeTensor(type, readValue(buffer, lease.base + at, type)),
        );
      },
      progress: () => this.#progress(lease.base, ended),
      release: () => {
        if (!released) lease.release();
        released = true;
      },
    };
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
