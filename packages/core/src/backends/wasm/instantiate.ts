import { withinMemory } from '../../tensor/out-of-memory.ts';
import type { CompiledModule } from './compile.ts';
import { statusKinds } from './layout.ts';
import type { RealmMemory } from './memory.ts';
import type { ThreadPool } from './threads/pool.ts';

/**
 * Runs the code on the call's memory at `base`; see `ModuleLayout` for what must be there. A call
 * may come while another of the same module runs.
 */
export type Runner = (base: number) => void;

/** A JavaScript function that compiled code calls with the addresses of operands and results. */
export type HostFunction = (...addresses: number[]) => void;

/** Where a module runs, and what it calls. */
export interface Surroundings {
  readonly realm: RealmMemory;
  readonly hosts?: readonly HostFunction[];
  /** The threads that share the realm's memory. */
  readonly threads?: ModuleThreads | undefined;
}

/** What threads have to do with a module. */
export interface ModuleThreads {
  readonly pool: ThreadPool;
  /** Where the bytes of the module are for them. */
  readonly address: number;
}

/** What a module imports. */
export function importsOf(
  { realm, hosts = [], threads }: Surroundings,
  more: WebAssembly.ModuleImports = {},
): WebAssembly.Imports {
  const calls = Object.fromEntries(hosts.map((host, i) => [`host${i}`, host]));
  const wait = threads && ((thread: number) => threads.pool.wait(thread));
  return { env: { ...realm.imports['env'], ...calls, ...more, ...(wait && { wait }) } };
}

/** Compiles the code of a module. */
export function load(
  bytes: Uint8Array<ArrayBuffer>,
  imports: WebAssembly.Imports,
): WebAssembly.Instance {
  return withinMemory(
    () => new WebAssembly.Instance(new WebAssembly.Module(bytes), imports),
    bytes.length,
    () => 'the code of a call',
  );
}

/** Tells a module where threads find it; gives what to do when a call of it has thrown. */
export function joinThreads(
  exports: WebAssembly.Exports,
  threads: ModuleThreads | undefined,
): () => void {
  if (!threads) return () => {};
  const { module, status } = exports;
  if (!(module instanceof WebAssembly.Global && status instanceof WebAssembly.Global)) {
    throw new Error('The compiled module exports no module or no status.');
  }
  module.value = threads.address;
  return () => {
    threads.pool.recover();
    status.value = 0;
  };
}

/**
 * Makes a compiled module ready to run in a realm's memory. A failure of the program ends the
 * call; the status record tells of it, so look there after each call. `hosts` are called with the
 * addresses of their operands and results; what they throw is thrown by the runner.
 *
 * @throws CompileError or LinkError when the module is not valid, which is a fault of the printer;
 * OutOfMemoryError where there is no room for its code.
 */
export function instantiateModule(compiled: CompiledModule, surroundings: Surroundings): Runner {
  const { realm, threads } = surroundings;
  const { exports } = load(compiled.bytes, importsOf(surroundings));
  const { run, base: current } = exports;
  if (typeof run !== 'function' || !(current instanceof WebAssembly.Global)) {
    throw new Error('The compiled module exports no run or no base.');
  }
  const recover = joinThreads(exports, threads);
  let running: number | undefined;
  return (base) => {
    const outer = running;
    running = base;
    try {
      run(base);
    } catch (error) {
      recover();
      throwUnlessRecorded(error, realm, base);
    } finally {
      running = outer;
      if (outer !== undefined) current.value = outer;
    }
  };
}

/** A failure of the program is told by the status record; anything else is thrown. */
export function throwUnlessRecorded(error: unknown, realm: RealmMemory, base: number): void {
  const [kind] = new Int32Array(realm.memory.buffer, base, 1);
  if (!(error instanceof WebAssembly.RuntimeError) || kind === statusKinds.ok) throw error;
}
