import type { CompiledModule, ResumableModule } from './compile.ts';
import { statusKinds } from './layout.ts';
import type { RealmMemory } from './memory.ts';

/**
 * Runs the code on the call's memory at `base`; see `ModuleLayout` for what must be there. A call
 * may come while another of the same module runs.
 */
export type Runner = (base: number) => void;

/** A JavaScript function that compiled code calls with the addresses of operands and results. */
export type HostFunction = (...addresses: number[]) => void;

function importsOf(
  realm: RealmMemory,
  hosts: readonly HostFunction[],
  more: WebAssembly.ModuleImports = {},
): WebAssembly.Imports {
  const calls = Object.fromEntries(hosts.map((host, i) => [`host${i}`, host]));
  return { env: { ...realm.imports['env'], ...calls, ...more } };
}

/**
 * Makes a compiled module ready to run in a realm's memory. A failure of the program ends the
 * call; the status record tells of it, so look there after each call. `hosts` are called with the
 * addresses of their operands and results; what they throw is thrown by the runner.
 *
 * @throws CompileError or LinkError when the module is not valid, which is a fault of the printer.
 */
export function instantiateModule(
  compiled: CompiledModule,
  realm: RealmMemory,
  hosts: readonly HostFunction[] = [],
): Runner {
  const module = new WebAssembly.Module(compiled.bytes);
  const { run, base: current } = new WebAssembly.Instance(module, importsOf(realm, hosts)).exports;
  if (typeof run !== 'function' || !(current instanceof WebAssembly.Global)) {
    throw new Error('The compiled module exports no run or no base.');
  }
  let running: number | undefined;
  return (base) => {
    const outer = running;
    running = base;
    try {
      run(base);
    } catch (error) {
      throwUnlessRecorded(error, realm, base);
    } finally {
      running = outer;
      if (outer !== undefined) current.value = outer;
    }
  };
}

/**
 * Runs the code on the call's memory at `base`, from the start or from where it was left, until it
 * ends or `refuel` gives a negative number; true when it has ended.
 */
export type ResumableRunner = (base: number, refuel: () => number) => boolean;

/**
 * Makes a module whose calls can be left ready to run in a realm's memory.
 *
 * @throws CompileError or LinkError when the module is not valid, which is a fault of the printer.
 */
export function instantiateResumable(
  compiled: ResumableModule,
  realm: RealmMemory,
  hosts: readonly HostFunction[] = [],
): ResumableRunner {
  let current = (): number => -1;
  const imports = importsOf(realm, hosts, { refuel: () => current() });
  const module = new WebAssembly.Module(compiled.bytes);
  const { run } = new WebAssembly.Instance(module, imports).exports;
  if (typeof run !== 'function') throw new Error('The compiled module exports no run.');
  return (base, refuel) => {
    current = refuel;
    try {
      return run(base) === 0;
    } catch (error) {
      throwUnlessRecorded(error, realm, base);
      return true;
    }
  };
}

/** A failure of the program is told by the status record; anything else is thrown. */
function throwUnlessRecorded(error: unknown, realm: RealmMemory, base: number): void {
  const [kind] = new Int32Array(realm.memory.buffer, base, 1);
  if (!(error instanceof WebAssembly.RuntimeError) || kind === statusKinds.ok) throw error;
}
