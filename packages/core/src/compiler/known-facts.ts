import { identityOf, keyOf } from '../program/hash.ts';
import type { Equation } from '../program/program.ts';
import { formatType } from '../tensor/type.ts';

/** Entries that are kept, at most. */
const limit = 10_000;

/**
 * Facts about equations which follow from the operation, its parameters and the types, so that they
 * are found once for all equations that differ in their variables alone: long Programs consist of
 * few kinds of equations.
 */
export class KnownFacts<Facts> {
  readonly #known = new Map<string, { readonly facts: Facts }>();

  /** The facts about an equation, which `find` tells when they are not known. */
  of(equation: Equation, find: () => Facts): Facts {
    const key = kindOf(equation);
    const known = this.#known.get(key);
    if (known) return known.facts;
    const facts = find();
    if (this.#known.size >= limit) this.#known.clear();
    this.#known.set(key, { facts });
    return facts;
  }
}

function kindOf({ operation, params, inputs, outputs }: Equation): string {
  let key = `${identityOf(operation)}${keyOf(params)}`;
  for (const { kind, type } of inputs) key += `${kind} ${formatType(type)},`;
  for (const { type } of outputs) key += `;${formatType(type)}`;
  return key;
}
