import type { Affine } from '../../../kernel/affine.ts';
import type { Buffer, Expr, Local, Loop, Scalar } from '../../../kernel/expr.ts';
import type { Kind, Lanes, Node } from '../../../kernel/lane/node.ts';
import { LaneOps } from '../../../kernel/lane/ops.ts';
import { addressOf } from './access.ts';
import { type Effects, inPostOrder } from './effects.ts';
import type { FunctionEmitter } from './function.ts';
import { FunctionState, type LoopVariable } from './state.ts';

/** Where the buffers and locals of the function being printed are. */
export interface Storage {
  /** Address of a buffer. `level` is the innermost loop that exchanges it, `epoch` counts swaps. */
  address(buffer: Buffer, level: number, epoch: number): Node;
  /** Content of a local. `level` is the innermost loop that sets it, `epoch` its last change. */
  read(local: Local, level: number, epoch: number): Node;
}

const kinds: { readonly [S in Scalar]: Kind } = {
  float64: 'f64',
  float32: 'f32',
  int32: 'i32',
  bool: 'bool',
};

export function kindOf(type: Scalar): Kind {
  return kinds[type];
}

/** The loop whose iterations are the lanes of a vector. */
export interface VectorLoop {
  readonly loop: Loop;
  readonly lanes: Lanes;
}

interface Lowered {
  readonly node: Node;
  readonly readsLocal: boolean;
  /** Counts of changes up to then (`FunctionState`). */
  readonly locals: number;
  readonly memory: number;
}

/** Expressions inside each other that are lowered by calls inside calls, at most. */
const deepest = 64;

interface View {
  readonly state?: FunctionState;
  /** The loop whose iterations are lanes. */
  readonly vector?: VectorLoop | undefined;
  /** Locals set in the body of the vector loop. */
  readonly vectorLocals?: Map<Local, Node>;
  /** Loops whose variables differ from those of the function. */
  readonly own?: ReadonlyMap<Loop, LoopVariable>;
}

/**
 * Turns expressions of the kernel IR into values. An expression that depends on the vector loop
 * becomes a vector, anything else a scalar.
 *
 * An expression that is used twice becomes the same value, as long as no local it reads has
 * been set and nothing but stores has changed memory in between.
 */
export class Lowering {
  readonly emitter: FunctionEmitter;
  readonly storage: Storage;
  readonly state: FunctionState;
  readonly vector: VectorLoop | undefined;
  readonly #vectorLocals: Map<Local, Node>;
  readonly #own: ReadonlyMap<Loop, LoopVariable>;
  readonly #ops: LaneOps;
  readonly #scalar: LaneOps;
  readonly #memo = new Map<Expr, Lowered>();
  #bindings = 0;
  #depth = 0;
  /** Whether the expression that is being lowered reads a local, as far as it is known by now. */
  #readsLocal = false;

  constructor(emitter: FunctionEmitter, storage: Storage, view: View = {}) {
    this.emitter = emitter;
    this.storage = storage;
    this.state = view.state ?? new FunctionState();
    this.vector = view.vector;
    this.#vectorLocals = view.vectorLocals ?? new Map();
    this.#own = view.own ?? new Map();
    this.#scalar = new LaneOps(emitter.graph, 1);
    this.#ops = view.vector ? new LaneOps(emitter.graph, view.vector.lanes) : this.#scalar;
  }

  /** The same function, with a loop whose iterations are lanes. */
  vectorised(vector: VectorLoop, variable?: LoopVariable): Lowering {
    const own = variable ? new Map([...this.#own, [vector.loop, variable]]) : this.#own;
    return new Lowering(this.emitter, this.storage, { state: this.state, vector, own });
  }

  /** The same function and lanes, with another value of a loop's variable. */
  at(loop: Loop, variable: LoopVariable): Lowering {
    return new Lowering(this.emitter, this.storage, {
      state: this.state,
      vector: this.vector,
      vectorLocals: this.#vectorLocals,
      own: new Map([...this.#own, [loop, variable]]),
    });
  }

  /** Gives a local of the vector loop's body its value in each lane. */
  setVectorLocal(local: Local, value: Node): void {
    this.#vectorLocals.set(local, this.#ops.spread(value));
    this.state.localChanged(local);
  }

  lower(expr: Expr): Node {
    const { state } = this;
    if (this.#bindings !== state.bindings) {
      this.#memo.clear();
      this.#bindings = state.bindings;
    }
    const known = this.#fresh(expr);
    if (known) return known;
    if (this.#depth === deepest) {
      const isFresh = (inner: Expr): boolean => this.#fresh(inner) !== undefined;
      inPostOrder(expr, isFresh, (inner) => this.#lowerNew(inner));
      return this.#fresh(expr) ?? unreachable();
    }
    return this.#lowerNew(expr);
  }

  /** The value that is known of an expression and still holds. */
  #fresh(expr: Expr): Node | undefined {
    const old = this.#memo.get(expr);
    if (!old) return undefined;
    const { node, readsLocal, locals, memory } = old;
    if (readsLocal && locals !== this.state.locals) return undefined;
    if (node.readsMemory && memory !== this.state.memory) return undefined;
    if (readsLocal) this.#readsLocal = true;
    return node;
  }

  #lowerNew(expr: Expr): Node {
    const outside = this.#readsLocal;
    this.#readsLocal = expr.op === 'local';
    this.#depth++;
    const node = this.#lowerAnew(expr);
    this.#depth--;
    const { locals, memory } = this.state;
    this.#memo.set(expr, { node, readsLocal: this.#readsLocal, locals, memory });
    if (outside) this.#readsLocal = true;
    return node;
  }

  /** Whether the value differs between the lanes. */
  #varies(expr: Expr): boolean {
    return this.lower(expr).lanes > 1;
  }

  /** What makes an operation of operands: in lanes where one of them is. */
  #opsOf(x: Node, y = x, z = x): LaneOps {
    return x.lanes > 1 || y.lanes > 1 || z.lanes > 1 ? this.#ops : this.#scalar;
  }

  #lowerAnew(expr: Expr): Node {
    switch (expr.op) {
      case 'const':
        return this.#scalar.constant(kindOf(expr.type), expr.value);
      case 'loop':
        return this.#loopVariable(expr.loop);
      case 'index':
        return this.#position(expr.index);
      case 'local':
        return this.#readLocal(expr.local);
      case 'load':
        return this.#load(expr.buffer, expr.index);
      case 'unary': {
        const x = this.lower(expr.x);
        return this.#opsOf(x).unary(expr.fn, x);
      }
      case 'binary':
        return this.#binary(expr, this.lower(expr.x), this.lower(expr.y));
      case 'compare': {
        const x = this.lower(expr.x);
        const y = this.lower(expr.y);
        return this.#opsOf(x, y).compare(expr.fn, x, y);
      }
      case 'select': {
        const condition = this.lower(expr.condition);
        const x = this.lower(expr.x);
        const y = this.lower(expr.y);
        return this.#opsOf(condition, x, y).select(condition, x, y);
      }
      case 'cast': {
        const x = this.lower(expr.x);
        return this.#opsOf(x).convert(kindOf(expr.type), x);
      }
      case 'math': {
        const args = expr.args.map((arg) => this.lower(arg));
        const ops = args.some(({ lanes }) => lanes > 1) ? this.#ops : this.#scalar;
        // In a loop, a function's constants should be there before it begins.
        const inside = ops.lanes > 1 && this.emitter.inLoop;
        return inside ? expr.by.build(ops, args) : ops.call(expr.by, args);
      }
      case 'bits':
        return this.#bits(expr);
      case 'check':
        return this.#check(expr, this.lower(expr.x));
    }
  }

  #binary({ type, fn }: Extract<Expr, { op: 'binary' }>, x: Node, y: Node): Node {
    const ops = this.#opsOf(x, y);
    const divides = type === 'int32' && (fn === 'div' || fn === 'rem');
    const shifts = fn === 'shl' || fn === 'shr_s' || fn === 'shr_u';
    if (divides || (shifts && y.lanes > 1))
      return this.#lanewise(ops, 'i32', [x, y], ([a, b]) => this.#scalar.binary(fn, a, b));
    return ops.binary(boolForm(type, fn), x, y);
  }

  #check({ extent, site }: Extract<Expr, { op: 'check' }>, index: Node): Node {
    return this.#lanewise(this.#opsOf(index), 'i32', [index], ([x]) =>
      this.emitter.graph.node('check', 'i32', 1, [x], {
        number: extent,
        detail: String(site),
        unsafe: true,
      }),
    );
  }

  #bits({ type, args, word }: Extract<Expr, { op: 'bits' }>): Node {
    const nodes = args.map((arg) => this.lower(arg));
    const x = nodes[0] ?? unreachable();
    const ops = this.#opsOf(x, nodes[1]);
    const scalar = this.#scalar;
    if (args.length === 1 && x.kind !== 'f64') return ops.bits(kindOf(type), x);
    return this.#lanewise(ops, kindOf(type), nodes, ([a, b]) => {
      if (args.length === 1) {
        const bits = scalar.bits('i64', a);
        return scalar.convert('i32', word === 0 ? bits : scalar.shift('shr_u', bits, 32));
      }
      const low = scalar.binary('and', scalar.convert('i64', a), scalar.i64(0xffffffffn));
      const high = scalar.shift('shl', scalar.convert('i64', b), 32);
      return scalar.bits('f64', scalar.binary('or', low, high));
    });
  }

  /** A scalar operation in each lane. */
  #lanewise(
    ops: LaneOps,
    kind: Kind,
    args: readonly Node[],
    apply: (args: readonly [Node, Node]) => Node,
  ): Node {
    const of = (lane: number): Node => {
      const [x, y = x] = args.map((arg) => (ops.lanes > 1 ? this.laneOf(arg, lane) : arg));
      if (!x || !y) throw new Error('An operation in lanes needs an operand.');
      return apply([x, y]);
    };
    if (ops.lanes === 1) return of(0);
    const parts = Array.from({ length: ops.lanes }, (_, lane) => of(lane));
    return this.emitter.graph.node('build', kind, ops.lanes, parts);
  }

  /** A value in all lanes. */
  spread(x: Node): Node {
    return this.#ops.spread(x);
  }

  /** One lane of a value. */
  laneOf(x: Node, lane: number): Node {
    if (x.lanes === 1) return x;
    if (x.op === 'build') return x.args[lane] ?? x;
    return this.emitter.graph.node('extract', x.kind, 1, [x], { number: lane });
  }

  variable(loop: Loop): LoopVariable {
    const variable = this.#own.get(loop) ?? this.state.loops.get(loop);
    if (!variable) throw new Error(`Loop ${loop.name} is not open here.`);
    return variable;
  }

  #loopVariable(loop: Loop): Node {
    const { node, offset } = this.variable(loop);
    const ops = this.#scalar;
    const first =
      node.op === 'const'
        ? ops.i32(Number(node.number) + offset)
        : offset === 0
          ? node
          : ops.add(node, ops.i32(offset));
    if (loop !== this.vector?.loop) return first;
    return this.#ops.add(first, this.emitter.graph.node('iota', 'i32', this.#ops.lanes, []));
  }

  #readLocal(local: Local): Node {
    const inLanes = this.#vectorLocals.get(local);
    if (inLanes) return inLanes;
    const level = this.innermost((effects) => effects.sets.has(local));
    return this.storage.read(local, level, this.state.epoch(local));
  }

  /** Level of the innermost open loop whose effects satisfy a condition. */
  innermost(changes: (effects: Effects, independent: boolean) => boolean): number {
    let level = 0;
    for (const scope of this.emitter.scopes) {
      if (scope.kind === 'loop' && scope.effects && changes(scope.effects, scope.independent)) {
        level = scope.level;
      }
    }
    return level;
  }

  /** An int32 position. */
  #position(index: Affine): Node {
    let sum: Node | undefined;
    for (const { coefficient, factor } of index.terms) {
      const x = this.lower(factor);
      const ops = this.#opsOf(x);
      const term = coefficient === 1 ? x : ops.mul(x, ops.i32(coefficient));
      sum = sum ? this.#opsOf(sum, term).add(sum, term) : term;
    }
    if (!sum) return this.#scalar.i32(index.base);
    if (index.base === 0) return sum;
    return this.#opsOf(sum).add(sum, this.#scalar.i32(index.base));
  }

  /** Coefficient of the vector loop in an index; undefined when it is not affine in it. */
  vectorStride(index: Affine): number | undefined {
    let stride = 0;
    for (const { coefficient, factor } of index.terms) {
      if (factor.op === 'loop' && factor.loop === this.vector?.loop) stride += coefficient;
      else if (this.#varies(factor)) return undefined;
    }
    return stride;
  }

  #load(buffer: Buffer, index: Affine): Node {
    const { graph } = this.emitter;
    const kind = kindOf(buffer.dtype);
    const level = this.innermost(
      (effects, independent) =>
        effects.opaque || (!independent && effects.stores.has(buffer.dtype)),
    );
    const details = {
      level,
      unsafe: true,
      readsMemory: true,
      detail: `#${this.state.stores}`,
    } as const;
    const stride = this.vector ? this.vectorStride(index) : 0;
    if (stride === 0 || stride === 1) {
      const { at, offset } = addressOf(this, buffer, index);
      const lanes = stride === 0 ? 1 : this.#ops.lanes;
      return graph.node('load', kind, lanes, [at], { ...details, offsets: [offset] });
    }
    const places = Array.from({ length: this.#ops.lanes }, (_, lane) =>
      addressOf(this, buffer, index, lane),
    );
    if (kind !== 'bool') {
      const addresses = places.map(({ at }) => at);
      const offsets = places.map(({ offset }) => offset);
      return graph.node('gather', kind, this.#ops.lanes, addresses, { ...details, offsets });
    }
    const loads = places.map(({ at, offset }) =>
      graph.node('load', kind, 1, [at], { ...details, offsets: [offset] }),
    );
    return graph.node('build', kind, this.#ops.lanes, loads);
  }
}

function unreachable(): never {
  throw new Error('unreachable');
}

/** min and max of truth values are `and` and `or`. */
function boolForm(type: Scalar, fn: Extract<Expr, { op: 'binary' }>['fn']): typeof fn {
  if (type !== 'bool') return fn;
  if (fn === 'min' || fn === 'mul') return 'and';
  return fn === 'max' || fn === 'add' ? 'or' : fn;
}
