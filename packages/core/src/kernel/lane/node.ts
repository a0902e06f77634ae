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

/** Numbers of the names of operations and kinds: keys that are numbers are found faster. */
const numbers = new Map<string, number>();

function numberOf(name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  numbers.set(name, numbers.size);
  return numbers.size - 1;
}

/** Above all that `numberOf` gives, and above the ids that fit into a key with it twice. */
const [names, ids] = [64, 2 ** 19];

/** Makes nodes; equal ones are one object. */
export class Graph {
  readonly #nodes = new Map<string | number, Node>();

  node(op: Op, kind: Kind, lanes: Lanes, args: readonly Node[], more: Details = noDetails): Node {
    const key = this.#key(op, kind, lanes, args, more);
    const known = this.#nodes.get(key);
    if (known) return known;
    const { number = 0, detail = '', offsets = [], callee } = more;
    let [depth, level] = [0, more.level ?? 0];
    let [unsafe, readsMemory] = [more.unsafe === true, more.readsMemory === true];
    for (const arg of args) {
      depth = Math.max(depth, arg.depth + 1);
      level = Math.max(level, arg.level);
      unsafe ||= arg.unsafe;
      readsMemory ||= arg.readsMemory;
    }
    const id = this.#nodes.size + 1;
    const node: Node = {
      id,
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
    this.#nodes.set(key, node);
    return node;
  }

  #key(op: Op, kind: Kind, lanes: Lanes, args: readonly Node[], more: Details): string | number {
    if (more === noDetails && args.length <= 2 && this.#nodes.size < ids - 1) {
      const [x, y] = args;
      const head = (numberOf(op) * names + numberOf(kind)) * 8 + lanes;
      return (head * ids + (x?.id ?? 0)) * ids + (y?.id ?? 0);
    }
    const { number = 0, callee, detail = callee?.name ?? '', offsets = [], level = 0 } = more;
    const value = Object.is(number, -0) ? '-0' : String(number);
    const operands = args.map(({ id }) => id).join(' ');
    return `${op} ${kind} ${lanes} ${value} ${detail} ${offsets.join(',')} ${level} ${operands}`;
  }
}
