import { sameShape } from '../tensor/shape.ts';
import type { TensorHandle } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import type { Params } from './program.ts';
import { copyParams, sameStatic } from './static.ts';

interface Entry<V> {
  readonly types: readonly ValueType[];
  readonly params: Params;
  readonly value: V;
}

/**
 * What was made for operands of given types and parameters. Those used last are looked at first,
 * and no keys are made of them, so that finding one costs a few comparisons.
 */
export class Recent<V> {
  readonly #limit: number;
  readonly #entries: Entry<V>[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  find(operands: readonly TensorHandle[], params: Params): V | undefined {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (!entry || !fits(entry, operands, params)) continue;
      if (i > 0) {
        entries.splice(i, 1);
        entries.unshift(entry);
      }
      return entry.value;
    }
    return undefined;
  }

  add(operands: readonly TensorHandle[], params: Params, value: V): void {
    const types = operands.map(({ type }) => type);
    this.#entries.unshift({ types, params: copyParams(params), value });
    if (this.#entries.length > this.#limit) this.#entries.pop();
  }
}

function fits<V>(
  { types, params }: Entry<V>,
  operands: readonly TensorHandle[],
  others: Params,
): boolean {
  if (types.length !== operands.length) return false;
  for (let i = 0; i < types.length; i++) {
    const type = types[i];
    const operand = operands[i];
    if (!type || !operand || !identical(type, operand.type)) return false;
  }
  return sameStatic(params, others);
}

/** Equal in everything, weakness as well. */
function identical(a: ValueType, b: ValueType): boolean {
  if (a === b) return true;
  if (a.kind === 'stack' || b.kind === 'stack') {
    return a.kind === 'stack' && b.kind === 'stack' && identical(a.element, b.element);
  }
  return a.dtype === b.dtype && a.weak === b.weak && sameShape(a.shape, b.shape);
}
