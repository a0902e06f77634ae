import type { CompiledModule } from './compile.ts';
import { statusKinds } from './layout.ts';
import type { RealmMemory } from './memory.ts';

/**
 * Runs the code on the call's memory at `base`; see `ModuleLayout` for what must be there. A call
 * may come while another of the same module runs.
 */
export type Runner = (base: number) => void;

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
  hosts: readonly ((...addresses: number[]) => void)[] = [],
): Runner {
  const module = new WebAssembly.Module(compiled.bytes);
  const { run, base: current } = new WebAssembly.Instance(module, {
    env: { ...realm.imports['env'], ...Object.fromEntries(hosts.map((f, i) => [`host${i}`, f])) },
  }).exports;
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
      const [kind] = new Int32Array(realm.memory.buffer, base, 1);
      if (!(error instanceof WebAssembly.RuntimeError) || kind === statusKinds.ok) throw error;
    } finally {
      running = outer;
      if (outer !== undefined) current.value = outer;
    }
  };
}
