import type { Equation, Var } from '../program/program.ts';

/** What a kernel consists of, each once however often it is read. */
export class Contents {
  /** Equations, also those inlined into others. */
  readonly #equations = new Set<Equation>();
  /** Values that are read from memory, and results. */
  readonly values = new Set<Var>();

  /**
   * Adds an equation and those inlined into it.
   *
   * @param inlined The equation of a value that each reader computes.
   * @returns How many of them are new.
   */
  add(equation: Equation, inlined: (value: Var) => Equation | undefined): number {
    const before = this.#equations.size;
    for (const output of equation.outputs) this.values.add(output);
    const waiting = [equation];
    for (let each = waiting.pop(); each; each = waiting.pop()) {
      if (this.#equations.has(each)) continue;
      this.#equations.add(each);
      for (const input of each.inputs) {
        if (input.kind === 'literal') continue;
        const definition = inlined(input);
        if (definition) waiting.push(definition);
        else this.values.add(input);
      }
    }
    return this.#equations.size - before;
  }
}
