/**
 * The order of a reduction. Let W be the lanes of a vector of the dtype: 2 for float64, 4 else.
 * Along the innermost loop, element k belongs to chain k mod 8 as long as whole vectors are there.
 * Each chain is folded in order; the chains are combined by halves, first those whose numbers
 * differ by whole vectors, then the lanes of a vector; and what is left, less than W elements, is
 * added one by one. A long sum of floats is cut into blocks of 128 elements first, whose chains
 * are combined pairwise (`counter.ts`), and so are the results of the loops around the innermost.
 *
 * The same order is kept in three kinds of code: with a vector for W chains in a row; with several
 * shorter vectors where wider types are involved; and, inside a loop whose iterations are
 * lanes, with a vector for one chain in each of several reductions.
 */
import type { Loop, Scalar } from '../../../kernel/expr.ts';
import type { Combine, Statement } from '../../../kernel/statement.ts';
import type { Lanes, Node } from '../lane/node.ts';
import { LaneOps } from '../lane/ops.ts';
import { valueType } from '../lane/print.ts';
import { Counter, type Merge } from './counter.ts';
import { kindOf, type Lowering } from './lower.ts';
import { profileExpr } from './profile.ts';
import { printBlocked } from './reduce-blocked.ts';
import { type PieceOfBlocks, shareBlocks } from './shared-sum.ts';
import type { LoopVariable } from './state.ts';
import type { StatementPrinter } from './statements.ts';
import { repeat } from './vector-loop.ts';

type Reduce = Extract<Statement, { do: 'reduce' }>;

const chains = 8;
/** Rounds of all chains in a block, and in code without a loop. */
const blockRounds = 16;
const unrolledRounds = 2;
/** Operations of an element in code without a loop, at most, over all rounds. */
const unrolledOperations = 24;

/** The value that changes nothing when it is combined. */
function neutral(combine: Combine, type: Scalar): number {
  switch (combine) {
    case 'add':
    case 'or':
      return 0;
    case 'mul':
      return 1;
    case 'and':
      return type === 'bool' ? 1 : -1;
    case 'min':
      return type === 'int32' ? 2 ** 31 - 1 : type === 'bool' ? 1 : Number.POSITIVE_INFINITY;
    case 'max':
      return type === 'int32' ? -(2 ** 31) : type === 'bool' ? 0 : Number.NEGATIVE_INFINITY;
  }
}

export function printReduce(printer: StatementPrinter, statement: Reduce): void {
  const { emitter, lowering, storage } = printer;
  const { loops, target, value } = statement;
  const last = loops.at(-1);
  const lanes = lowering.vector?.lanes ?? 1;
  const ops = new LaneOps(emitter.graph, lanes);
  if (last && statement.order === 'blocked') {
    const sum = printBlocked(printer, statement, ops);
    if (lowering.vector) lowering.setVectorLocal(target, sum);
    else storage.write(target, () => emitter.push(sum));
    return;
  }
  const reduction = new Reduction(printer, statement, last ?? { name: 'once', extent: 1 });
  const result = last
    ? reduction.print(ops)
    : reduction.combined(ops, reduction.neutral(ops), lowering.lower(value));
  if (lowering.vector) lowering.setVectorLocal(target, result);
  else storage.write(target, () => emitter.push(result));
}

class Reduction {
  readonly #printer: StatementPrinter;
  readonly #statement: Reduce;
  readonly #last: Loop;
  /** Chains in a row that are one vector, in the order that is kept. */
  readonly #width: number;
  /** Lanes of one part of such a vector, along the loop. */
  readonly #along: Lanes;
  readonly #ops: LaneOps;
  readonly #operations: number;
  #reads = 0;

  constructor(printer: StatementPrinter, statement: Reduce, last: Loop) {
    const { lowering, emitter } = printer;
    this.#printer = printer;
    this.#statement = statement;
    this.#last = last;
    this.#width = statement.target.type === 'float64' ? 2 : 4;
    const { lanes, operations } = profileExpr(statement.value, last);
    this.#operations = operations;
    const narrow = statement.target.type === 'float64' || lanes === 2;
    this.#along = lowering.vector ? 1 : narrow ? 2 : 4;
    this.#ops = new LaneOps(emitter.graph, lowering.vector?.lanes ?? this.#along);
  }

  /** A value in a local, as it is now. */
  #current(local: number, lanes: Lanes = this.#ops.lanes): Node {
    const { graph, scopes } = this.#printer.emitter;
    return graph.node('local', kindOf(this.#statement.target.type), lanes, [], {
      number: local,
      detail: `read ${this.#reads++}`,
      level: scopes.at(-1)?.level ?? 0,
    });
  }

  #local(lanes: Lanes = this.#ops.lanes): number {
    const kind = kindOf(this.#statement.target.type);
    return this.#printer.emitter.builder.newLocal(valueType({ kind, lanes }));
  }

  combined(ops: LaneOps, a: Node, b: Node): Node {
    const { combine, target } = this.#statement;
    if (target.type === 'bool') {
      return ops.binary(
        combine === 'min' || combine === 'mul' || combine === 'and' ? 'and' : 'or',
        a,
        b,
      );
    }
    return ops.binary(combine, a, b);
  }

  /** Sets locals to values that are all known before. */
  #assign(values: readonly (readonly [local: number, value: Node])[]): void {
    const { emitter } = this.#printer;
    emitter.announce(values.map(([, value]) => value));
    for (const [local, value] of values) {
      emitter.push(value);
      emitter.code.set(local);
    }
  }

  neutral(ops: LaneOps): Node {
    const { combine, target } = this.#statement;
    return ops.constant(kindOf(target.type), neutral(combine, target.type));
  }

  #clear(locals: readonly number[], ops: LaneOps): void {
    const value = this.neutral(ops);
    this.#assign(locals.map((local) => [local, value]));
  }

  get #pairwise(): boolean {
    const { combine, target } = this.#statement;
    return combine === 'add' && (target.type === 'float64' || target.type === 'float32');
  }

  /** Lanes of a result: those of the loop around, or one. */
  get #resultLanes(): Lanes {
    return this.#printer.lowering.vector ? this.#ops.lanes : 1;
  }

  /** The result, in lanes like those of `ops`. */
  print(ops: LaneOps): Node {
    const { loops } = this.#statement;
    const total = this.#local(ops.lanes);
    if (loops.some(({ extent }) => extent === 0)) this.#clear([total], ops);
    else this.#outer(total, ops);
    return this.#current(total, ops.lanes);
  }

  /** Runs the loops around the innermost, and combines what that leaves. */
  #outer(total: number, ops: LaneOps): void {
    const around = this.#statement.loops.slice(0, -1);
    const count = around.reduce((product, { extent = 0 }) => product * extent, 1);
    if (count === 1) {
      this.#nest(around, () => this.#inner(total));
      return;
    }
    const row = this.#local(ops.lanes);
    const merge: Merge = ([a = 0], [b = 0], [into = 0]) => {
      const [x, y] = [a, b].map((local) => this.#current(local, ops.lanes));
      if (x && y) this.#assign([[into, this.combined(ops, x, y)]]);
    };
    this.#clear([total], ops);
    if (!this.#pairwise || count <= blockRounds) {
      this.#nest(around, () => {
        this.#inner(row);
        merge([total], [row], [total]);
      });
      return;
    }
    const counter = new Counter(
      this.#printer.emitter,
      this.#current(row, ops.lanes),
      1,
      count,
      merge,
    );
    this.#nest(around, () => {
      this.#inner(row);
      counter.push([row]);
    });
    counter.finish([total]);
  }

  #nest([first, ...others]: readonly Loop[], body: () => void): void {
    if (!first) body();
    else this.#printer.counted(first, undefined, true, undefined, () => this.#nest(others, body));
  }

  /** The innermost loop, into a local. */
  #inner(result: number): void {
    const { extent = 0 } = this.#last;
    const rounds = Math.floor(extent / chains);
    const left = Math.floor((extent % chains) / this.#width);
    const chunks = this.#newChunks();
    if (this.#pairwise && rounds > blockRounds) this.#blocks(chunks, rounds, left);
    else {
      this.#clear((rounds === 0 ? chunks.slice(0, left) : chunks).flat(), this.#ops);
      if (rounds <= unrolledRounds && this.#operations * rounds <= unrolledOperations) {
        for (let round = 0; round < rounds; round++)
          this.#round(chunks, this.#constant(round * chains));
      } else {
        this.#rounds(chunks, rounds);
      }
      this.#leftover(chunks, rounds, left);
      this.#fold(chunks, rounds === 0 ? left : chunks.length);
    }
    this.#finish(chunks[0] ?? [], result, extent >= this.#width);
  }

  /** For each vector of chains, locals of its parts. */
  #newChunks(): number[][] {
    const parts = this.#width / this.#along;
    return Array.from({ length: chains / this.#width }, () =>
      Array.from({ length: parts }, () => this.#local()),
    );
  }

  #constant(value: number): LoopVariable {
    const { graph } = this.#printer.emitter;
    return { node: graph.node('const', 'i32', 1, [], { number: value }), offset: 0 };
  }

  /** Expressions at a position of the loop, in lanes along it or across. */
  #at(variable: LoopVariable, along: Lanes = this.#along): Lowering {
    const { lowering } = this.#printer;
    if (along === 1) return lowering.at(this.#last, variable);
    return lowering.vectorised({ loop: this.#last, lanes: along }, variable);
  }

  /** The combination of a vector's locals with the elements from a position on. */
  #taken(
    parts: readonly number[],
    { node, offset }: LoopVariable,
    start: number,
  ): (readonly [number, Node])[] {
    return parts.map((local, part) => {
      const position = { node, offset: offset + start + part * this.#along };
      const value = this.#at(position).lower(this.#statement.value);
      return [local, this.combined(this.#ops, this.#current(local), value)];
    });
  }

  /** One element for each chain. */
  #round(chunks: readonly (readonly number[])[], from: LoopVariable): void {
    this.#assign(chunks.flatMap((parts, i) => this.#taken(parts, from, i * this.#width)));
  }

  #leftover(chunks: readonly (readonly number[])[], rounds: number, left: number): void {
    const from = this.#constant(rounds * chains);
    this.#assign(
      chunks.slice(0, left).flatMap((parts, i) => this.#taken(parts, from, i * this.#width)),
    );
  }

  /** A loop over rounds, from where `variable` stands or from 0. */
  #rounds(chunks: readonly (readonly number[])[], rounds: number): void {
    const { emitter } = this.#printer;
    const { local, node } = this.#printer.variable(this.#last);
    emitter.code.i32(0);
    emitter.code.set(local);
    emitter.loop(
      undefined,
      true,
      () => this.#round(chunks, { node, offset: 0 }),
      (body) => {
        repeat(emitter.code, body, local, chains, () => emitter.code.i32(rounds * chains));
      },
    );
  }

  /** Whole blocks, pairwise; then the rest, which stays in the first chunk. */
  #blocks(chunks: readonly (readonly number[])[], rounds: number, left: number): void {
    const { emitter } = this.#printer;
    const { code } = emitter;
    const count = Math.floor(rounds / blockRounds);
    const [sum = []] = chunks;
    const at = emitter.builder.newLocal('i32');
    const shared = shareBlocks(this.#printer, this.#statement, count, this.#sums(chunks));
    const pieces = shared ? this.#counter(sum, shared.pieces) : undefined;
    if (shared && pieces) {
      shared.call();
      code.i32(0);
      code.set(at);
      emitter.loop(
        undefined,
        true,
        () => {
          shared.load(at, sum);
          pieces.push(sum);
        },
        (body) => repeat(code, body, at, 1, () => code.i32(shared.pieces)),
      );
    }
    const done = shared ? shared.pieces * shared.blocks : 0;
    code.i32(done * blockRounds * chains);
    code.set(at);
    const counter = count > done ? this.#counter(sum, count - done) : undefined;
    const end = emitter.builder.newLocal('i32');
    const blocksEnd = count * blockRounds * chains;
    if (counter) this.#sumBlocks(chunks, at, end, counter, () => code.i32(blocksEnd));
    const restEnd = rounds * chains;
    this.#clear(chunks.flat(), this.#ops);
    if (restEnd > blocksEnd) {
      code.i32(restEnd);
      code.set(end);
      this.#roundsUpTo(chunks, at, end);
    }
    this.#leftover(chunks, rounds, left);
    this.#fold(chunks, chunks.length);
    counter?.finish(sum);
    pieces?.finish(sum);
  }

  /** What a function that sums some of the blocks does, into the locals that it is given back. */
  #sums(chunks: readonly (readonly number[])[]): PieceOfBlocks {
    const [sum = []] = chunks;
    const like = this.#current(sum[0] ?? 0);
    return {
      like,
      parts: sum.length,
      operations: this.#operations * blockRounds * chains,
      print: (printer, blocks, first) => {
        const inner = new Reduction(printer, this.#statement, this.#last);
        return inner.#printPiece(blocks, first);
      },
    };
  }

  /** Sums blocks from the one in a local on; gives the locals of the sum. */
  #printPiece(blocks: number, first: number): readonly number[] {
    const { code, builder } = this.#printer.emitter;
    const chunks = this.#newChunks();
    const counter = this.#counter(chunks[0] ?? [], blocks);
    const [at, end, last] = [first, builder.newLocal('i32'), builder.newLocal('i32')];
    code.get(first);
    code.i32(blockRounds * chains);
    code.op('i32.mul');
    code.tee(at);
    code.i32(blocks * blockRounds * chains);
    code.op('i32.add');
    code.set(last);
    this.#sumBlocks(chunks, at, end, counter, () => code.get(last));
    return counter.top;
  }

  #counter(sum: readonly number[], count: number): Counter {
    const { emitter } = this.#printer;
    return new Counter(emitter, this.#current(sum[0] ?? 0), sum.length, count, (a, b, into) =>
      this.#merge(a, b, into),
    );
  }

  /** Sums blocks from where `at` stands up to a place, at least one. */
  #sumBlocks(
    chunks: readonly (readonly number[])[],
    at: number,
    end: number,
    counter: Counter,
    blocksEnd: () => void,
  ): void {
    const { emitter } = this.#printer;
    const [sum = []] = chunks;
    emitter.loop(
      undefined,
      true,
      () => {
        emitter.code.get(at);
        emitter.code.i32(blockRounds * chains);
        emitter.code.op('i32.add');
        emitter.code.set(end);
        this.#clear(chunks.flat(), this.#ops);
        this.#roundsUpTo(chunks, at, end);
        this.#fold(chunks, chunks.length);
        counter.push(sum);
      },
      (body) => {
        emitter.code.loop(() => {
          emitter.code.append(body);
          emitter.code.get(at);
          blocksEnd();
          emitter.code.op('i32.lt_u');
          emitter.code.brIf(0);
        });
      },
    );
  }

  /** Rounds from where `at` stands up to `end`. */
  #roundsUpTo(chunks: readonly (readonly number[])[], at: number, end: number): void {
    const { emitter } = this.#printer;
    const level = (emitter.scopes.at(-1)?.level ?? 0) + 1;
    const node = emitter.graph.node('local', 'i32', 1, [], { number: at, level });
    emitter.loop(
      undefined,
      true,
      () => this.#round(chunks, { node, offset: 0 }),
      (body) => {
        repeat(emitter.code, body, at, chains, () => emitter.code.get(end));
      },
    );
  }

  #merge(a: readonly number[], b: readonly number[], into: readonly number[]): void {
    this.#assign(
      into.map((local, part) => [
        local,
        this.combined(this.#ops, this.#current(a[part] ?? 0), this.#current(b[part] ?? 0)),
      ]),
    );
  }

  /** Combines the first `count` vectors of chains pairwise into the first. */
  #fold(chunks: readonly (readonly number[])[], count: number): void {
    for (let apart = 1; apart < count; apart *= 2) {
      for (let i = 0; i + apart < count; i += 2 * apart) {
        const [a, b] = [chunks[i] ?? [], chunks[i + apart] ?? []];
        this.#merge(a, b, a);
      }
    }
  }

  /** Combines the lanes of a vector of chains, then elements that fill none, into a local. */
  #finish(parts: readonly number[], result: number, any: boolean): void {
    const { emitter, lowering } = this.#printer;
    const { value } = this.#statement;
    const ops = new LaneOps(emitter.graph, this.#resultLanes);
    let total = this.neutral(ops);
    if (any) {
      let lanes = parts.flatMap((local) => {
        const vector = this.#current(local);
        if (this.#along === 1) return [vector];
        return Array.from({ length: this.#along }, (_, lane) => lowering.laneOf(vector, lane));
      });
      while (lanes.length > 1) {
        const half = lanes.length / 2;
        lanes = lanes.slice(0, half).map((x, i) => this.combined(ops, x, lanes[half + i] ?? x));
      }
      total = lanes[0] ?? total;
    }
    const { extent = 0 } = this.#last;
    for (let k = extent - (extent % this.#width); k < extent; k++) {
      total = this.combined(ops, total, this.#at(this.#constant(k), 1).lower(value));
    }
    this.#assign([[result, ops.spread(total)]]);
  }
}
