import type { Site } from '../kernel/statement.ts';

/** Numbers the operations that may fail while a Program runs. */
export class Sites {
  readonly all: Site[] = [];
  readonly #known = new Map<object, Map<string, number>>();

  /** One number for each owner (an equation) and kind of failure. */
  of(owner: object, operation: string, kind: Site['kind'], limit: number): number {
    let own = this.#known.get(owner);
    if (own === undefined) {
      own = new Map();
      this.#known.set(owner, own);
    }
    const key = `${kind}${limit}`;
    let site = own.get(key);
    if (site === undefined) {
      site = this.all.length;
      this.all.push({ operation, kind, limit });
      own.set(key, site);
    }
    return site;
  }
}
