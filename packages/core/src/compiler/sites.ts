import type { Site } from '../kernel/statement.ts';
import type { SiteDetails } from '../primitives/define.ts';
import type { Equation } from '../program/program.ts';

/** Numbers the operations that may fail while a Program runs. */
export class Sites {
  readonly all: Site[] = [];
  readonly #known = new Map<object, Map<string, number>>();

  /** One number for each equation and kind of failure. */
  of(equation: Equation, kind: Site['kind'], limit: number, about?: SiteDetails): number {
    let own = this.#known.get(equation);
    if (own === undefined) {
      own = new Map();
      this.#known.set(equation, own);
    }
    const key = `${kind}${limit}`;
    let site = own.get(key);
    if (site === undefined) {
      site = this.all.length;
      const { operation, source } = equation;
      const name = about?.operation ?? operation.name;
      this.all.push({ operation: name, kind, limit, source, entries: about?.entries });
      own.set(key, site);
    }
    return site;
  }
}
