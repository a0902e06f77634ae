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
  | 'pmin' // y < x ? y : x, in vectors
  | 'pmax' // x < y ? y : x, in vectors
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
  #places: (Node | undefined)[] = new Array(64).fill(undefined);
  #count = 0;

  /** How many nodes there are: their ids are 1, ..., size. */
  get size(): number {
    return this.#count;
  }

  node(op: Op, kind: Kind, lanes: Lanes, args: readonly Node[], more: Details = noDetails): Node {
    const { number = 0, detail = '', offsets = noOffsets, callee } = more;
    let [depth, level] = [0, more.level ?? 0];
    let [unsafe, readsMemory] = [more.unsafe === true, more.readsMemory === true];
    for (const arg of args) {
      depth = Math.max(depth, arg.depth + 1);
      level = Math.max(level, arg.level);
      unsafe ||= arg.unsafe;
      readsMemory ||= arg.readsMemory;
    }
    let place = this.#placeOf(op, args, number);
    for (let known = this.#places[place]; known; known = this.#places[place]) {
      if (
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
    this.#count += 1;
    const node: Node = {
      id: this.#count,
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
    this.#places[place] = node;
    if (2 * this.#count > this.#places.length) this.#grow();
    return node;
  }

  #placeOf(op: Op, args: readonly Node[], number: number | bigint): number {
    let hash = numberOf(op);
    for (const { id } of args) hash = Math.imul(hash, 31) + id;
    if (number !== 0) {
      float[0] = Number(number);
      hash = Math.imul(hash, 31) + (words[0] ?? 0) + (words[1] ?? 0);
    }
    return (Math.imul(hash, 0x9e3779b1) >>> 7) & (this.#places.length - 1);
  }

  #grow(): void {
    const nodes = this.#places;
    this.#places = new Array(2 * nodes.length).fill(undefined);
    for (const node of nodes) {
      if (!node) continue;
      let place = this.#placeOf(node.op, node.args, node.number);
      while (this.#places[place]) place = (place + 1) & (this.#places.length - 1);
      this.#places[place] = node;
    }
  }
}

function isSame<T>(x: readonly T[], y: readonly T[]): boolean {
  if (x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
