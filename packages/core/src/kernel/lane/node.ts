/**
 * Straight-line code as a graph of values. A value has one lane (a scalar), or two or four (a
 * vector). The same graph prints to scalar and to SIMD instructions with the same results bit for
 * bit, so that one definition of `exp` or of a kernel's expression serves whole vectors and the
 * elements that are left over.
 *
 * With two lanes, 64-bit values fill a vector, and 32-bit values sit in its lower half. A bool is
 * 0 or 1 as a scalar and a mask of zeros or ones in a vector, as wide as the lanes.
 */
import type { LaneFunction } from './lane-function.ts';

export type Kind = 'f64' | 'f32' | 'i64' | 'i32' | 'bool';

export type Lanes = 1 | 2 | 4;

export type UnaryOp = 'neg' | 'abs' | 'sqrt' | 'floor' | 'ceil' | 'trunc' | 'nearest' | 'not';
export type BinaryOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'rem'
  | 'min'
  | 'max'
  | 'copysign'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'shr_s'
  | 'shr_u';
export type CompareOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

export type Op =
  | UnaryOp
  | BinaryOp
  | CompareOp
  | 'const'
  | 'iota' // 0, 1, ... in the lanes
  | 'local' // content of a local of the function
  | 'select'
  | 'madd' // x * y + z, rounded once or twice as the machine likes
  | 'convert'
  | 'bits' // the same bits as another kind of the same width
  | 'splat'
  | 'extract' // one lane
  | 'build' // a vector of scalars
  | 'half' // two of four lanes: the lower or the upper
  | 'join' // two vectors of two lanes
  | 'load'
  | 'gather' // loads lane by lane from the addresses given
  | 'call' // of a function of lanes
  | 'check'
  | 'rare'; // (condition, usual, ...arguments): another function of scalars where the condition holds

export interface Node {
  /** Its number in the graph, from 1 on. */
  readonly id: number;
  readonly op: Op;
  readonly kind: Kind;
  readonly lanes: Lanes;
  readonly args: readonly Node[];
  /** Value of a constant, number of a local or lane. */
  readonly number: number | bigint;
  /** What is added to each address of a load or gather. */
  readonly offsets: readonly number[];
  /** What else tells this node from others. */
  readonly detail: string;
  /** The function that is called. */
  readonly callee: LaneFunction | undefined;
  /** Length of the longest chain of operands. */
  readonly depth: number;
  /** Number of enclosing loops that the value depends on: it may be computed before the others. */
  readonly level: number;
  /** Whether computing it may trap or leave a mark where the program would not have computed it. */
  readonly unsafe: boolean;
  /** Whether it depends on what is in memory. */
  readonly readsMemory: boolean;
}

export interface Details {
  readonly number?: number | bigint;
  readonly offsets?: readonly number[];
  readonly detail?: string;
  readonly callee?: LaneFunction;
  readonly level?: number;
  readonly unsafe?: boolean;
  readonly readsMemory?: boolean;
}

const noDetails: Details = {};
const noOffsets: readonly number[] = [];

/** Numbers of the names of operations. */
const numbers = new Map<string, number>();

function numberOf(name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  numbers.set(name, numbers.size);
  return numbers.size - 1;
}

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/** Makes nodes; equal ones are one object. */
export class Graph {
  /** Nodes at the place that their hash says, or the next free one; at most half of the places. */
  #places: (Node | undefined)[] = emptyPlaces(256);
  /** Hashes of the nodes, by id. */
  readonly #hashes: number[] = [0];

  /** How many nodes there are: their ids are 1, ..., size. */
  get size(): number {
    return this.#hashes.length - 1;
  }

  node(op: Op, kind: Kind, lanes: Lanes, args: readonly Node[], more: Details = noDetails): Node {
    const { number = 0, detail = '', offsets = noOffsets, callee } = more;
    let depth = 0;
    let level = more.level ?? 0;
    let unsafe = more.unsafe === true;
    let readsMemory = more.readsMemory === true;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] ?? missing();
      if (arg.depth >= depth) depth = arg.depth + 1;
      if (arg.level > level) level = arg.level;
      unsafe ||= arg.unsafe;
      readsMemory ||= arg.readsMemory;
    }
    const hash = hashOf(op, args, number);
    let place = hash & (this.#places.length - 1);
    for (let known = this.#places[place]; known; known = this.#places[place]) {
      if (
        this.#hashes[known.id] === hash &&
        known.op === op &&
        known.kind === kind &&
        known.lanes === lanes &&
        known.level === level &&
        Object.is(known.number, number) &&
        known.detail === detail &&
        known.callee?.name === callee?.name &&
        isSame(known.args, args) &&
        isSame(known.offsets, offsets)
      ) {
        return known;
      }
      place = (place + 1) & (this.#places.length - 1);
    }
    const node: Node = {
      id: this.#hashes.length,
      op,
      kind,
      lanes,
      args,
      number,
      offsets,
      detail,
      callee,
      depth,
      level,
      unsafe,
      readsMemory,
    };
    this.#hashes.push(hash);
    this.#places[place] = node;
    if (2 * this.#hashes.length > this.#places.length) this.#grow();
    return node;
  }

  #grow(): void {
    const nodes = this.#places;
    this.#places = emptyPlaces(4 * nodes.length);
    for (const node of nodes) {
      if (!node) continue;
      let place = (this.#hashes[node.id] ?? 0) & (this.#places.length - 1);
      while (this.#places[place]) place = (place + 1) & (this.#places.length - 1);
      this.#places[place] = node;
    }
  }
}

function emptyPlaces(count: number): undefined[] {
  return new Array(count).fill(undefined);
}

function missing(): never {
  throw new Error('An operand is missing.');
}

function hashOf(op: Op, args: readonly Node[], number: number | bigint): number {
  let hash = numberOf(op);
  for (let i = 0; i < args.length; i++) hash = Math.imul(hash, 31) + (args[i]?.id ?? 0);
  if (number !== 0) {
    float[0] = Number(number);
    hash = Math.imul(hash, 31) + (words[0] ?? 0) + (words[1] ?? 0);
  }
  return Math.imul(hash, 0x9e3779b1) >>> 7;
}

function isSame<T>(x: readonly T[], y: readonly T[]): boolean {
  if (x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
