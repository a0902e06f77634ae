import type { Expr, Loop } from '../../../kernel/expr.ts';
import type { Lanes, Node } from '../../../kernel/lane/node.ts';
import { LaneOps } from '../../../kernel/lane/ops.ts';
import type { Counter } from './counter.ts';
import { needsOrder } from './effects.ts';
import type { Lowering } from './lower.ts';
import { profileExprs } from './profile.ts';
import { ReduceValues } from './reduce-values.ts';
import type { SharedSums } from './shared-sum.ts';
import type { LoopVariable } from './state.ts';
import { mostInTurns, repeat } from './vector-loop.ts';

const chains = 8;
/** Chains where any order gives the same, so that one need not wait for itself. */
const manyChains = 16;
/** Rounds of all chains in a block, and in code without a loop. */
export const blockRounds = 16;
const unrolledRounds = 2;
/** Instructions among which a processor finds those that can go on, about. */
const inView = 128;
/** Operations of an element in code without a loop, at most, over all rounds. */
const unrolledOperations = 24;

/**
 * The innermost loop of reductions, in the order that `reduce.ts` states. A vector of chains is in
 * one local for each part of it, those of the first reduction first.
 */
export class InnerLoop {
  readonly #values: ReduceValues;
  readonly #last: Loop;
  /** Chains in a row that are one vector, in the order that is kept. */
  readonly #width: number;
  /** Lanes of one part of such a vector, along the loop. */
  readonly #along: Lanes;
  readonly #ops: LaneOps;
  readonly #operations: number;
  readonly #chains: number;
  readonly #takesTurns: boolean;

  constructor(values: ReduceValues, last: Loop) {
    const { statement, statements, printer } = values;
    const { lowering, emitter } = printer;
    this.#values = values;
    this.#last = last;
    this.#width = statement.target.type === 'float64' ? 2 : 4;
    const { lanes, operations, instructions, heavy } = profileExprs(
      statements.map(({ value }) => value),
      last,
    );
    this.#operations = operations;
    const narrow = statement.target.type === 'float64' || lanes === 2;
    this.#along = lowering.vector ? 1 : narrow ? 2 : 4;
    this.#ops = new LaneOps(emitter.graph, lowering.vector?.lanes ?? this.#along);
    const many =
      values.anyOrder && statements.length * operations * manyChains <= unrolledOperations;
    this.#chains = many ? manyChains : chains;
    const round = instructions * (this.#chains / this.#width);
    this.#takesTurns =
      instructions <= mostInTurns && (heavy > 0 || round > inView) && !needsOrder(statements);
  }

  /** Operations of all elements. */
  get operations(): number {
    return this.#operations * (this.#last.extent ?? 0);
  }

  /** Combines all elements into a local for each reduction. */
  print(results: readonly number[]): void {
    const { extent = 0 } = this.#last;
    const rounds = Math.floor(extent / this.#chains);
    const left = Math.floor((extent % this.#chains) / this.#width);
    const chunks = this.#newChunks();
    if (this.#values.pairwise && rounds > blockRounds) this.#blocks(chunks, rounds, left);
    else {
      this.#values.clear((rounds === 0 ? chunks.slice(0, left) : chunks).flat(), this.#ops);
      if (rounds <= unrolledRounds && this.#operations * rounds <= unrolledOperations) {
        for (let round = 0; round < rounds; round++)
          this.#round(chunks, this.#constant(round * this.#chains));
      } else {
        this.#rounds(chunks, rounds);
      }
      this.#leftover(chunks, rounds, left);
      this.#fold(chunks, rounds === 0 ? left : chunks.length);
    }
    this.#finish(chunks[0] ?? [], results, extent >= this.#width);
  }

  /** For each vector of chains, locals of its parts. */
  #newChunks(): number[][] {
    const parts = this.#parts * this.#values.statements.length;
    return Array.from({ length: this.#chains / this.#width }, () =>
      Array.from({ length: parts }, () => this.#values.local(this.#ops.lanes)),
    );
  }

  /** Locals of one vector of chains of one reduction. */
  get #parts(): number {
    return this.#width / this.#along;
  }

  #constant(value: number): LoopVariable {
    const { graph } = this.#values.printer.emitter;
    return { node: graph.node('const', 'i32', 1, [], { number: value }), offset: 0 };
  }

  /** Expressions at a position of the loop, in lanes along it or across. */
  #at(variable: LoopVariable, along: Lanes = this.#along): Lowering {
    const { lowering } = this.#values.printer;
    if (along === 1) return lowering.at(this.#last, variable);
    return lowering.vectorised({ loop: this.#last, lanes: along }, variable);
  }

  /** The combination of a vector's locals with the elements from a position on. */
  #taken(
    parts: readonly number[],
    { node, offset }: LoopVariable,
    start: number,
  ): (readonly [number, Node])[] {
    const { statements } = this.#values;
    return Array.from({ length: this.#parts }, (_, part) => {
      const lowering = this.#at({ node, offset: offset + start + part * this.#along });
      return statements.map(({ value }, i): readonly [number, Node] => {
        const local = parts[i * this.#parts + part] ?? 0;
        const current = this.#values.current(local, this.#ops.lanes);
        return [local, this.#values.combined(this.#ops, current, lowering.lower(value))];
      });
    }).flat();
  }

  /** One element for each chain. */
  #round(chunks: readonly (readonly number[])[], from: LoopVariable): void {
    const taken = chunks.map((parts, i) => this.#taken(parts, from, i * this.#width));
    this.#values.assign(taken.flat(), this.#takesTurns);
  }

  #leftover(chunks: readonly (readonly number[])[], rounds: number, left: number): void {
    const from = this.#constant(rounds * this.#chains);
    this.#values.assign(
      chunks.slice(0, left).flatMap((parts, i) => this.#taken(parts, from, i * this.#width)),
    );
  }

  /** A loop over rounds, from where `variable` stands or from 0. */
  #rounds(chunks: readonly (readonly number[])[], rounds: number): void {
    const { emitter } = this.#values.printer;
    const { local, node } = this.#values.printer.variable(this.#last);
    emitter.code.i32(0);
    emitter.code.set(local);
    emitter.loop(
      undefined,
      true,
      () => this.#round(chunks, { node, offset: 0 }),
      (body) => {
        repeat(emitter.code, body, local, this.#chains, () =>
          emitter.code.i32(rounds * this.#chains),
        );
      },
    );
  }

  /** Whole blocks, pairwise; then the rest, which stays in the first chunk. */
  #blocks(chunks: readonly (readonly number[])[], rounds: number, left: number): void {
    const { emitter } = this.#values.printer;
    const { code } = emitter;
    const count = Math.floor(rounds / blockRounds);
    const [sum = []] = chunks;
    const at = emitter.builder.newLocal('i32');
    const shared = this.#share(sum, count);
    const pieces = shared && this.#values.counter(this.#ops, sum, shared.pieces);
    if (shared && pieces) shared.print(at, sum, () => pieces.push(sum));
    const done = shared ? shared.pieces * shared.units : 0;
    code.i32(done * blockRounds * this.#chains);
    code.set(at);
    const counter = count > done ? this.#values.counter(this.#ops, sum, count - done) : undefined;
    const end = emitter.builder.newLocal('i32');
    const blocksEnd = count * blockRounds * this.#chains;
    if (counter) this.#sumBlocks(chunks, at, end, counter, () => code.i32(blocksEnd));
    const restEnd = rounds * this.#chains;
    this.#values.clear(chunks.flat(), this.#ops);
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

  /** Has threads sum most of so many blocks. */
  #share(sum: readonly number[], count: number): SharedSums | undefined {
    const { printer, statements } = this.#values;
    return printer.emitter.parts.shared?.shareSums(printer, statements, {
      like: this.#values.current(sum[0] ?? 0, this.#ops.lanes),
      parts: sum.length,
      count,
      operations: this.#operations * blockRounds * this.#chains,
      print: (inner, blocks, first) =>
        new InnerLoop(new ReduceValues(inner, statements), this.#last).#printPiece(blocks, first),
    });
  }

  /** Sums blocks from the one in a local on; gives the locals of the sum. */
  #printPiece(blocks: number, first: number): readonly number[] {
    const { code, builder } = this.#values.printer.emitter;
    const chunks = this.#newChunks();
    const counter = this.#values.counter(this.#ops, chunks[0] ?? [], blocks);
    const [at, end, last] = [first, builder.newLocal('i32'), builder.newLocal('i32')];
    code.get(first);
    code.i32(blockRounds * this.#chains);
    code.op('i32.mul');
    code.tee(at);
    code.i32(blocks * blockRounds * this.#chains);
    code.op('i32.add');
    code.set(last);
    this.#sumBlocks(chunks, at, end, counter, () => code.get(last));
    return counter.top;
  }

  /** Sums blocks from where `at` stands up to a place, at least one. */
  #sumBlocks(
    chunks: readonly (readonly number[])[],
    at: number,
    end: number,
    counter: Counter,
    blocksEnd: () => void,
  ): void {
    const { emitter } = this.#values.printer;
    const [sum = []] = chunks;
    emitter.loop(
      undefined,
      true,
      () => {
        emitter.code.get(at);
        emitter.code.i32(blockRounds * this.#chains);
        emitter.code.op('i32.add');
        emitter.code.set(end);
        this.#values.clear(chunks.flat(), this.#ops);
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
    const { emitter } = this.#values.printer;
    const level = (emitter.scopes.at(-1)?.level ?? 0) + 1;
    const node = emitter.graph.node('local', 'i32', 1, [], { number: at, level });
    emitter.loop(
      undefined,
      true,
      () => this.#round(chunks, { node, offset: 0 }),
      (body) => {
        repeat(emitter.code, body, at, this.#chains, () => emitter.code.get(end));
      },
    );
  }

  /** Combines the first `count` vectors of chains pairwise into the first. */
  #fold(chunks: readonly (readonly number[])[], count: number): void {
    const merge = this.#values.merge(this.#ops);
    for (let apart = 1; apart < count; apart *= 2) {
      for (let i = 0; i + apart < count; i += 2 * apart) {
        const [a, b] = [chunks[i] ?? [], chunks[i + apart] ?? []];
        merge(a, b, a);
      }
    }
  }

  /** Combines the lanes of a vector of chains, then elements that fill none, into locals. */
  #finish(parts: readonly number[], results: readonly number[], any: boolean): void {
    const { emitter, lowering } = this.#values.printer;
    const ops = new LaneOps(emitter.graph, lowering.vector ? this.#ops.lanes : 1);
    const totals = this.#values.statements.map(({ value }, i): [number, Node] => {
      const own = parts.slice(i * this.#parts, (i + 1) * this.#parts);
      return [results[i] ?? 0, ops.spread(this.#total(own, value, ops, any))];
    });
    this.#values.assign(totals);
  }

  #total(parts: readonly number[], value: Expr, ops: LaneOps, any: boolean): Node {
    const { lowering } = this.#values.printer;
    let total = this.#values.neutral(ops);
    if (any) {
      let lanes = parts.flatMap((local) => {
        const vector = this.#values.current(local, this.#ops.lanes);
        if (this.#along === 1) return [vector];
        return Array.from({ length: this.#along }, (_, lane) => lowering.laneOf(vector, lane));
      });
      while (lanes.length > 1) {
        const half = lanes.length / 2;
        lanes = lanes
          .slice(0, half)
          .map((x, i) => this.#values.combined(ops, x, lanes[half + i] ?? x));
      }
      total = lanes[0] ?? total;
    }
    const { extent = 0 } = this.#last;
    for (let k = extent - (extent % this.#width); k < extent; k++) {
      total = this.#values.combined(ops, total, this.#at(this.#constant(k), 1).lower(value));
    }
    return total;
  }
}
