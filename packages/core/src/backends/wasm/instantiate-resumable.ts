import type { ResumableModule } from './compile-resumable.ts';
import {
  importsOf,
  joinThreads,
  load,
  type Surroundings,
  throwUnlessRecorded,
} from './instantiate.ts';

/**
 * Runs the code on the call's memory at `base`, from the start or from where it was left, until it
 * ends or `refuel` gives a negative number; true when it has ended.
 */
export type ResumableRunner = (base: number, refuel: () => number) => boolean;

/**
 * Makes a module whose calls can be left ready to run in a realm's memory.
 *
 * @throws CompileError or LinkError when the module is not valid, which is a fault of the printer;
 * OutOfMemoryError where there is no room for its code.
 */
export function instantiateResumable(
  compiled: ResumableModule,
  surroundings: Surroundings,
): ResumableRunner {
  const { realm, threads } = surroundings;
  let current = (): number => -1;
  const imports = importsOf(surroundings, { refuel: () => current() });
  const { exports } = load(compiled.bytes, imports);
  const { run } = exports;
  if (typeof run !== 'function') throw new Error('The compiled module exports no run.');
  const recover = joinThreads(exports, threads);
  return (base, refuel) => {
    current = refuel;
    try {
      return run(base) === 0;
    } catch (error) {
      recover();
      throwUnlessRecorded(error, realm, base);
      return true;
    }
  };
}
