import type { Node } from '../../../kernel/lane/node.ts';
import type { FunctionEmitter } from './function.ts';

/** Combines two values, each in as many locals as a value has parts. */
export type Merge = (a: readonly number[], b: readonly number[], into: readonly number[]) => void;

/**
 * Pairwise combination of values that come one after another, like carries of a binary counter:
 * level b holds the combination of 2^b values in a row, and every value takes part in at most
 * log2(count) combinations. So the rounding error of a sum grows with the logarithm of `count`.
 */
export class Counter {
  readonly #emitter: FunctionEmitter;
  readonly #merge: Merge;
  readonly #levels: readonly (readonly number[])[];
  readonly #seen: number;
  readonly #count: number;

  constructor(emitter: FunctionEmitter, like: Node, parts: number, count: number, merge: Merge) {
    this.#emitter = emitter;
    this.#merge = merge;
    this.#count = count;
    const type = like.lanes > 1 ? 'v128' : like.kind === 'bool' ? 'i32' : like.kind;
    this.#levels = Array.from({ length: Math.floor(Math.log2(count)) + 1 }, () =>
      Array.from({ length: parts }, () => emitter.builder.newLocal(type)),
    );
    this.#seen = emitter.builder.newLocal('i32');
    emitter.code.i32(0);
    emitter.code.set(this.#seen);
  }

  /** Takes in one of `count` values; its locals are overwritten. */
  push(value: readonly number[]): void {
    const { code } = this.#emitter;
    this.#carry(value, 0);
    code.get(this.#seen);
    code.i32(1);
    code.op('i32.add');
    code.set(this.#seen);
  }

  #carry(value: readonly number[], at: number): void {
    const { code } = this.#emitter;
    const level = this.#levels[at] ?? [];
    const keep = (): void => {
      value.forEach((local, part) => {
        code.get(local);
        code.set(level[part] ?? 0);
      });
    };
    if (at === this.#levels.length - 1) {
      keep();
      return;
    }
    code.get(this.#seen);
    code.i32(2 ** at);
    code.op('i32.and');
    code.if(() => {
      this.#merge(level, value, value);
      this.#carry(value, at + 1);
      code.else();
      keep();
    });
  }

  /** The combination of all values, once they are there, if their count is a power of two. */
  get top(): readonly number[] {
    return this.#levels.at(-1) ?? [];
  }

  /** Combines all that is there with a last value, into its locals. */
  finish(value: readonly number[]): void {
    this.#levels.forEach((level, at) => {
      if ((this.#count >>> at) & 1) this.#merge(level, value, value);
    });
  }
}
