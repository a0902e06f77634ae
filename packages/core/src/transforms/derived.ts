import { Cache } from '../program/cache.ts';
import { isTraced, type TracedProgram } from '../trace/trace.ts';

/**
 * Programs that a transform made of others, by the structure of what they were made of. A
 * derivative rule may close over values (a solver's constants, say), which become captures; one
 * that captured a value of an open trace is good for that trace only and is not kept.
 */
export class DerivedPrograms {
  readonly #known = new Cache<TracedProgram>(512);

  get(key: string, make: () => TracedProgram): TracedProgram {
    const known = this.#known.peek(key);
    if (known) return this.#known.get(key, () => known);
    const made = make();
    return made.captures.some(isTraced) ? made : this.#known.get(key, () => made);
  }
}
