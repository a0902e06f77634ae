/**
 * Pairwise sums over rows whose terms come a row at a time, in the order in which a whole one is
 * taken: term k belongs to chain k mod 8 of its block of 128 terms, as long as there are whole
 * vectors; the chains of a block are folded to as many sums as a vector has lanes, those sums are
 * combined like the carries of a binary counter, the lanes come last, and then the terms that fill
 * no vector.
 */

import {
  type Affine,
  affineAdd,
  affineConst,
  affineLoop,
  affineOf,
  affineScale,
} from '../kernel/affine.ts';
import type { Buffer, Expr, Loop } from '../kernel/expr.ts';
import { binary, cast, compare, constant } from '../kernel/scalars.ts';
import type { Statement } from '../kernel/statement.ts';
import { wrap } from './space.ts';

const chains = 8;
const blockTerms = 128;
/** Terms of a sum that is taken in blocks, at least. */
export const leastPairwise = blockTerms + chains;

/** What has been summed of a number of sums that go over the same rows. */
export class PairwiseSums {
  /** Sums of the chains of the block at hand, of 2^level blocks for each level, and terms that fill no vector. */
  readonly #chains: Buffer;
  readonly #levels: Buffer;
  readonly #last: Buffer;
  /** The sums of a block on their way to their level. */
  readonly #carry: Buffer;
  readonly #results: number;
  readonly #terms: number;
  readonly #lanes: number;

  /** For so many sums of so many terms each. */
  constructor(name: string, dtype: 'float64' | 'float32', results: number, terms: number) {
    this.#results = results;
    this.#terms = terms;
    this.#lanes = dtype === 'float64' ? 2 : 4;
    const buffer = (part: string, rows: number): Buffer => ({
      name: `${name}${part}`,
      dtype,
      size: rows * results,
    });
    this.#chains = buffer('chains', chains);
    this.#levels = buffer('levels', this.#levelCount * this.#lanes);
    this.#last = buffer('last', terms % this.#lanes);
    this.#carry = buffer('carry', this.#lanes);
  }

  get state(): readonly Buffer[] {
    const all = [this.#chains, this.#levels, this.#carry, this.#last];
    return all.filter(({ size }) => size > 0);
  }

  get #blocks(): number {
    return Math.floor(this.#terms / blockTerms);
  }

  get #levelCount(): number {
    return Math.floor(Math.log2(this.#blocks)) + 1;
  }

  /** Terms that fill vectors. */
  get #whole(): number {
    return this.#terms - (this.#terms % this.#lanes);
  }

  #load(buffer: Buffer, row: Affine, at: Affine): Expr {
    const index = affineAdd(affineScale(row, this.#results), at);
    return { op: 'load', type: buffer.dtype, buffer, index };
  }

  #store(buffer: Buffer, row: Affine, at: Affine, value: Expr): Statement {
    const index = affineAdd(affineScale(row, this.#results), at);
    return { do: 'store', buffer, index, value };
  }

  /** Takes in a term of each sum, those of number `term`: `each` goes over the sums. */
  take(
    term: Expr,
    each: (body: (at: Affine, value: Expr) => Statement[]) => Statement[],
  ): Statement[] {
    const low = (mask: number): Expr => binary('and', term, constant('int32', mask));
    const chain = affineOf(low(chains - 1));
    const isFirst = compare('lt', low(blockTerms - 1), constant('int32', chains));
    const isLast = compare('eq', low(blockTerms - 1), constant('int32', blockTerms - 1));
    const start = each((at, value) => [
      this.#store(this.#chains, chain, at, binary('add', constant(value.type, 0), value)),
    ]);
    const add = each((at, value) => [
      this.#store(
        this.#chains,
        chain,
        at,
        binary('add', this.#load(this.#chains, chain, at), value),
      ),
    ]);
    const sum = [choose(isFirst, start, add), choose(isLast, this.#carryOn(term), [])];
    if (this.#whole === this.#terms) return sum;
    const isIn = compare('lt', term, constant('int32', this.#whole));
    const row = affineAdd(affineOf(term), affineConst(-this.#whole));
    return [
      choose(
        isIn,
        sum,
        each((at, value) => [this.#store(this.#last, row, at, value)]),
      ),
    ];
  }

  /** Folds the chains of a block, and takes the sums to the level where they stay. */
  #carryOn(term: Expr): Statement[] {
    const result: Loop = { name: 'result', extent: this.#results };
    const at = affineLoop(result);
    const fold = Array.from({ length: this.#lanes }, (_, lane) =>
      this.#store(this.#carry, affineConst(lane), at, this.#folded(lane, chains, at)),
    );
    const level: Loop = { name: 'level', extent: undefined };
    const levels = this.#levelCount - 1;
    const block = binary('shr_u', term, constant('int32', Math.log2(blockTerms)));
    // Levels that are taken: as many as the number of the block has ones at its end.
    const taken = Array.from({ length: levels }, (_, i): Expr => {
      const ones = constant('int32', 2 ** (i + 1) - 1);
      return cast('int32', compare('eq', binary('and', block, ones), ones));
    }).reduce((sum, one) => binary('add', sum, one), constant('int32', 0));
    const element: Loop = { name: 'element', extent: this.#results * this.#lanes };
    const [e, none] = [affineLoop(element), affineConst(0)];
    const rowsOf = (of: Affine): Affine => affineScale(of, this.#lanes);
    const combined = binary(
      'add',
      this.#load(this.#levels, rowsOf(affineLoop(level)), e),
      this.#load(this.#carry, none, e),
    );
    const climb = wrap([element], true, [this.#store(this.#carry, none, e, combined)]);
    const loop = { do: 'for', loop: level, count: taken, parallel: false, body: climb } as const;
    const keep = this.#store(
      this.#levels,
      rowsOf(affineOf(taken)),
      e,
      this.#load(this.#carry, none, e),
    );
    return [
      ...wrap([result], true, fold),
      ...(levels > 0 ? [loop] : []),
      ...wrap([element], true, [keep]),
    ];
  }

  /** The sum of the chains of a lane, of those that a block of so many terms has. */
  #folded(lane: number, terms: number, at: Affine): Expr {
    const { dtype } = this.#chains;
    let sums = Array.from({ length: chains / this.#lanes }, (_, vector) => {
      const chain = vector * this.#lanes + lane;
      return chain < terms ? this.#load(this.#chains, affineConst(chain), at) : constant(dtype, 0);
    });
    while (sums.length > 1) {
      sums = sums.flatMap((sum, i) => {
        const next = sums[i + 1];
        return i % 2 === 0 && next ? [binary('add', sum, next)] : [];
      });
    }
    return sums[0] ?? constant(dtype, 0);
  }

  /** A sum, when all its terms have been taken in. */
  result(at: Affine): Expr {
    const left = this.#whole - this.#blocks * blockTerms;
    let lanes = Array.from({ length: this.#lanes }, (_, lane) => {
      let sum = this.#folded(lane, left, at);
      for (let level = 0; level < this.#levelCount; level++) {
        if (((this.#blocks >>> level) & 1) === 0) continue;
        const row = affineConst(level * this.#lanes + lane);
        sum = binary('add', this.#load(this.#levels, row, at), sum);
      }
      return sum;
    });
    while (lanes.length > 1) {
      const half = lanes.length / 2;
      lanes = lanes.slice(0, half).map((sum, i) => binary('add', sum, lanes[half + i] ?? sum));
    }
    let [sum = constant(this.#chains.dtype, 0)] = lanes;
    for (let i = 0; i < this.#terms - this.#whole; i++) {
      sum = binary('add', sum, this.#load(this.#last, affineConst(i), at));
    }
    return sum;
  }
}

function choose(condition: Expr, yes: Statement[], no: Statement[]): Statement {
  // biome-ignore lint/suspicious/noThenProperty: a statement is never awaited.
  return { do: 'if', condition, then: yes, else: no };
}
