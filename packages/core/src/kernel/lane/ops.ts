import type { LaneFunction } from './lane-function.ts';
import type { BinaryOp, CompareOp, Graph, Kind, Lanes, Node, UnaryOp } from './node.ts';

/** Builds nodes of a fixed number of lanes; scalar operands of vector operations are spread. */
export class LaneOps {
  readonly graph: Graph;
  readonly lanes: Lanes;

  constructor(graph: Graph, lanes: Lanes) {
    this.graph = graph;
    this.lanes = lanes;
  }

  #make(op: Node['op'], kind: Kind, args: readonly Node[], callee?: LaneFunction): Node {
    return this.graph.node(
      op,
      kind,
      this.lanes,
      args.map((arg) => this.spread(arg)),
      callee && { callee },
    );
  }

  /** A scalar in all lanes. */
  spread(x: Node): Node {
    if (x.lanes === this.lanes) return x;
    if (x.lanes !== 1) throw new Error(`${x.lanes} lanes do not fit ${this.lanes}.`);
    if (x.op === 'const') return this.constant(x.kind, x.number);
    return this.graph.node('splat', x.kind, this.lanes, [x]);
  }

  constant(kind: Kind, value: number | bigint): Node {
    return this.graph.node('const', kind, this.lanes, [], { number: value });
  }

  f64(value: number): Node {
    return this.constant('f64', value);
  }

  f32(value: number): Node {
    return this.constant('f32', Math.fround(value));
  }

  i64(value: bigint): Node {
    return this.constant('i64', value);
  }

  i32(value: number): Node {
    return this.constant('i32', value);
  }

  unary(op: UnaryOp, x: Node): Node {
    const [negated] = x.args;
    if (op === 'abs' && x.op === 'neg' && negated) return this.unary('abs', negated);
    return this.#make(op, x.kind, [x]);
  }

  binary(op: BinaryOp, x: Node, y: Node): Node {
    if (op === 'shl' || op === 'shr_s' || op === 'shr_u') {
      return this.graph.node(op, x.kind, this.lanes, [this.spread(x), y]);
    }
    // In a vector, the bit that is the sign.
    if (op === 'copysign' && this.lanes > 1) {
      return this.#make(op, x.kind, [x, y, this.constant(x.kind, -0)]);
    }
    return this.#make(op, x.kind, [x, y]);
  }

  compare(op: CompareOp, x: Node, y: Node): Node {
    return this.#make(op, 'bool', [x, y]);
  }

  select(condition: Node, x: Node, y: Node): Node {
    return this.#make('select', x.kind, [condition, x, y]);
  }

  /** x y + z by one instruction, whose rounding depends on the machine. */
  madd(x: Node, y: Node, z: Node): Node {
    return this.#make('madd', x.kind, [x, y, z]);
  }

  convert(kind: Kind, x: Node): Node {
    return x.kind === kind ? this.spread(x) : this.#make('convert', kind, [x]);
  }

  bits(kind: Kind, x: Node): Node {
    return this.#make('bits', kind, [x]);
  }

  /** Two of four lanes, the lower or the upper. */
  half(x: Node, upper: boolean): Node {
    return this.graph.node('half', x.kind, 2, [x], { number: upper ? 1 : 0 });
  }

  /** Four lanes of two times two. */
  join(lower: Node, upper: Node): Node {
    return this.graph.node('join', lower.kind, 4, [lower, upper]);
  }

  call(callee: LaneFunction, args: readonly Node[]): Node {
    return this.#make('call', callee.kind, args, callee);
  }

  /** `usual`, except that lanes where `condition` holds take another function, one at a time. */
  rare(condition: Node, usual: Node, callee: LaneFunction, args: readonly Node[]): Node {
    return this.#make('rare', usual.kind, [condition, usual, ...args], callee);
  }

  add(x: Node, y: Node): Node {
    return this.binary('add', x, y);
  }

  sub(x: Node, y: Node): Node {
    return this.binary('sub', x, y);
  }

  mul(x: Node, y: Node): Node {
    return this.binary('mul', x, y);
  }

  div(x: Node, y: Node): Node {
    return this.binary('div', x, y);
  }

  shift(op: 'shl' | 'shr_s' | 'shr_u', x: Node, by: number): Node {
    return this.binary(op, x, this.graph.node('const', 'i32', 1, [], { number: by }));
  }
}
