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
  affineShift,
  affineZero,
} from '../kernel/affine.ts';
import type { Buffer, Expr, Loop } from '../kernel/expr.ts';
import { binary, cast, compare, constant, indexValue } from '../kernel/scalars.ts';
import type { Statement } from '../kernel/statement.ts';
import { wrap } from './space.ts';

const chains = 8;
const blockTerms = 128;
/** Terms that are taken in together, of which each chain has the same number. */
const runTerms = 32;
/** Terms of a sum that is taken in blocks, at least. */
export const leastPairwise = blockTerms + chains;

/** Prints code for all sums, with their places and their terms in some rows. */
type Terms = (
  rows: readonly Affine[],
  body: (at: Affine, values: readonly Expr[]) => Statement[],
) => Statement[];

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

  /** Sets what nothing has been added to. */
  start(): Statement[] {
    const element: Loop = { name: 'element', extent: this.#chains.size };
    const zero = constant(this.#chains.dtype, 0);
    const store = this.#store(this.#chains, affineZero, affineLoop(element), zero);
    return wrap([element], true, [store]);
  }

  /**
   * Takes in so many rows of terms, the first of them that of number `first`: `each` gives the terms of
   * some rows of these. Most go several to a chain at a time.
   */
  take(first: Expr, rows: number, each: Terms): Statement[] {
    const int = (value: number): Expr => constant('int32', value);
    const before = binary(
      'min',
      binary('and', binary('sub', int(0), first), int(runTerms - 1)),
      int(rows),
    );
    const runs = binary('shr_u', binary('sub', int(rows), before), int(Math.log2(runTerms)));
    const after = binary('and', binary('sub', int(rows), before), int(runTerms - 1));
    const run: Loop = { name: 'run', extent: undefined };
    const runAt = affineAdd(affineOf(before), affineScale(affineLoop(run), runTerms));
    const afterAt = affineAdd(affineOf(before), affineScale(affineOf(runs), runTerms));
    return [
      this.#rows(first, affineZero, before, each),
      { do: 'for', loop: run, count: runs, parallel: false, body: this.#run(first, runAt, each) },
      this.#rows(first, afterAt, after, each),
    ];
  }

  /** Takes in so many rows one by one. */
  #rows(first: Expr, from: Affine, count: Expr, each: Terms): Statement {
    const loop: Loop = { name: 'row', extent: undefined };
    const row = affineAdd(from, affineLoop(loop));
    const term = indexValue(affineAdd(affineOf(first), row));
    const chain = affineOf(binary('and', term, constant('int32', chains - 1)));
    const add = each([row], (at, [value]) => [this.#add(chain, at, value ? [value] : [])]);
    const whole = [...add, this.#ifLast(term)];
    const isIn = compare('lt', term, constant('int32', this.#whole));
    const left = affineAdd(affineOf(term), affineConst(-this.#whole));
    const keep = each([row], (at, [value]) =>
      value ? [this.#store(this.#last, left, at, value)] : [],
    );
    const body = this.#whole === this.#terms ? whole : [choose(isIn, whole, keep)];
    return { do: 'for', loop, count, parallel: false, body };
  }

  /** Takes in the rows of a run, which begin with the first chain and are in one block. */
  #run(first: Expr, from: Affine, each: Terms): Statement[] {
    const loop: Loop = { name: 'chain', extent: chains };
    const chain = affineLoop(loop);
    const rows = Array.from({ length: runTerms / chains }, (_, i) =>
      affineShift(affineAdd(from, chain), i * chains),
    );
    const add = each(rows, (at, values) => [this.#add(chain, at, values)]);
    const last = indexValue(affineShift(affineAdd(affineOf(first), from), runTerms - 1));
    return [...wrap([loop], false, add), this.#ifLast(last)];
  }

  /** Adds values to a chain, one after the other. */
  #add(chain: Affine, at: Affine, values: readonly Expr[]): Statement {
    const sum = values.reduce(
      (all, value) => binary('add', all, value),
      this.#load(this.#chains, chain, at),
    );
    return this.#store(this.#chains, chain, at, sum);
  }

  /** Goes on to the next block after the last term of one. */
  #ifLast(term: Expr): Statement {
    const last = constant('int32', blockTerms - 1);
    return choose(compare('eq', binary('and', term, last), last), this.#carryOn(term), []);
  }

  /** Folds the chains of a block, and takes the sums to the level where they stay. */
  #carryOn(term: Expr): Statement[] {
    const result: Loop = { name: 'result', extent: this.#results };
    const at = affineLoop(result);
    const fold = Array.from({ length: this.#lanes }, (_, lane) =>
      this.#store(this.#carry, affineConst(lane), at, this.#folded(lane, at)),
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
      ...this.start(),
    ];
  }

  /** The sum of the chains of a lane. */
  #folded(lane: number, at: Affine): Expr {
    let sums = Array.from({ length: chains / this.#lanes }, (_, vector) =>
      this.#load(this.#chains, affineConst(vector * this.#lanes + lane), at),
    );
    while (sums.length > 1) {
      sums = sums.flatMap((sum, i) => {
        const next = sums[i + 1];
        return i % 2 === 0 && next ? [binary('add', sum, next)] : [];
      });
    }
    return sums[0] ?? constant(this.#chains.dtype, 0);
  }

  /** A sum, when all its terms have been taken in. */
  result(at: Affine): Expr {
    let lanes = Array.from({ length: this.#lanes }, (_, lane) => {
      let sum = this.#folded(lane, at);
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
