import type { Affine } from '../../../kernel/affine.ts';
import type { Buffer, Expr, Local, Loop, Scalar } from '../../../kernel/expr.ts';
import { itemSize } from '../../../tensor/dtype.ts';
import type { Kind, Lanes, Node } from '../lane/node.ts';
import { LaneOps } from '../lane/ops.ts';
import { exprChildren } from './effects.ts';
import type { FunctionEmitter } from './function.ts';

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
  readonly locals: number;
  readonly memory: number;
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
  readonly #loops: Map<Loop, Node>;
  readonly #vector: VectorLoop | undefined;
  readonly #ops: LaneOps;
  readonly #scalar: LaneOps;
  #memo = new Map<Expr, Lowered>();
  readonly #depends = new Map<Expr, boolean>();
  /** Locals set in the body of the vector loop. */
  readonly #vectorLocals = new Map<Local, Node>();
  readonly #localEpochs = new Map<Local, number>();
  #locals = 0;
  #memory = 0;
  #stores = 0;
  #swaps = 0;

  constructor(
    emitter: FunctionEmitter,
    storage: Storage,
    loops: Map<Loop, Node> = new Map(),
    vector?: VectorLoop,
  ) {
    this.emitter = emitter;
    this.storage = storage;
    this.#loops = loops;
    this.#vector = vector;
    this.#scalar = new LaneOps(emitter.graph, 1);
    this.#ops = vector ? new LaneOps(emitter.graph, vector.lanes) : this.#scalar;
  }

  /** The same function with a loop whose iterations are lanes. */
  vectorised(vector: VectorLoop): Lowering {
    return new Lowering(this.emitter, this.storage, this.#loops, vector);
  }

  get lanes(): Lanes {
    return this.#ops.lanes;
  }

  /** States the variable of a loop. */
  bind(loop: Loop, variable: Node): void {
    if (this.#loops.get(loop) !== variable) this.#memo = new Map();
    this.#loops.set(loop, variable);
  }

  setVectorLocal(local: Local, value: Node): void {
    this.#vectorLocals.set(local, this.#ops.spread(value));
    this.localChanged(local);
  }

  localChanged(local: Local): void {
    this.#localEpochs.set(local, ++this.#locals);
  }

  stored(): void {
    this.#stores++;
  }

  swapped(): void {
    this.#swaps++;
    this.memoryChanged();
  }

  memoryChanged(): void {
    this.#stores++;
    this.#memory++;
  }

  lower(expr: Expr): Node {
    const old = this.#memo.get(expr);
    if (old) {
      const { reads } = old.node;
      const fresh =
        reads === 'nothing' ||
        (old.memory === this.#memory && (reads === 'memory' || old.locals === this.#locals));
      if (fresh) return old.node;
    }
    const node = this.#lowerAnew(expr);
    this.#memo.set(expr, { node, locals: this.#locals, memory: this.#memory });
    return node;
  }

  /** Whether the value differs between the lanes. */
  varies(expr: Expr): boolean {
    if (!this.#vector) return false;
    if (expr.op === 'loop') return expr.loop === this.#vector.loop;
    if (expr.op === 'local') return this.#vectorLocals.has(expr.local);
    const known = this.#depends.get(expr);
    if (known !== undefined) return known;
    const varies = exprChildren(expr).some((child) => this.varies(child));
    if (varies || this.#vectorLocals.size === 0) this.#depends.set(expr, varies);
    return varies;
  }

  #lowerAnew(expr: Expr): Node {
    const ops = this.varies(expr) ? this.#ops : this.#scalar;
    switch (expr.op) {
      case 'const':
        return ops.constant(kindOf(expr.type), expr.value);
      case 'loop':
        return this.#loopVariable(expr.loop);
      case 'index':
        return this.#position(expr.index, ops);
      case 'local':
        return this.#readLocal(expr.local);
      case 'load':
        return this.#load(expr.buffer, expr.index);
      case 'unary':
        return ops.unary(expr.fn, this.lower(expr.x));
      case 'binary': {
        const x = this.lower(expr.x);
        const y = this.lower(expr.y);
        const divides = expr.type === 'int32' && (expr.fn === 'div' || expr.fn === 'rem');
        if (divides)
          return this.#lanewise(ops, 'i32', [x, y], ([a, b]) => this.#scalar.binary(expr.fn, a, b));
        return ops.binary(boolForm(expr.type, expr.fn), x, y);
      }
      case 'compare':
        return ops.compare(expr.fn, this.lower(expr.x), this.lower(expr.y));
      case 'select':
        return ops.select(this.lower(expr.condition), this.lower(expr.x), this.lower(expr.y));
      case 'cast':
        return ops.convert(kindOf(expr.type), this.lower(expr.x));
      case 'math': {
        const args = expr.args.map((arg) => this.lower(arg));
        const kind = kindOf(expr.type);
        return ops.call(`${expr.fn} ${kind}`, kind, args);
      }
      case 'check':
        return this.#lanewise(ops, 'i32', [this.lower(expr.x)], ([x]) =>
          this.emitter.graph.node('check', 'i32', 1, [x], {
            number: expr.extent,
            detail: String(expr.site),
            unsafe: true,
          }),
        );
    }
  }

  /** A scalar operation in each lane. */
  #lanewise(
    ops: LaneOps,
    kind: Kind,
    args: readonly Node[],
    apply: (args: readonly [Node, Node]) => Node,
  ): Node {
    const of = (lane: number): Node => {
      const [x, y = x] = args.map((arg) => (ops.lanes > 1 ? this.#lane(arg, lane) : arg));
      if (!x || !y) throw new Error('An operation in lanes needs an operand.');
      return apply([x, y]);
    };
    if (ops.lanes === 1) return of(0);
    const parts = Array.from({ length: ops.lanes }, (_, lane) => of(lane));
    return this.emitter.graph.node('build', kind, ops.lanes, parts);
  }

  #lane(x: Node, lane: number): Node {
    if (x.lanes === 1) return x;
    if (x.op === 'build') return x.args[lane] ?? x;
    return this.emitter.graph.node('extract', x.kind, 1, [x], { number: lane });
  }

  #variable(loop: Loop): Node {
    const variable = this.#loops.get(loop);
    if (!variable) throw new Error(`Loop ${loop.name} is not open here.`);
    return variable;
  }

  #loopVariable(loop: Loop): Node {
    const variable = this.#variable(loop);
    if (loop !== this.#vector?.loop) return variable;
    const lanes = this.emitter.graph.node('iota', 'i32', this.#ops.lanes, []);
    return this.#ops.add(variable, lanes);
  }

  #readLocal(local: Local): Node {
    const inLanes = this.#vectorLocals.get(local);
    if (inLanes) return inLanes;
    const level = this.#innermost((effects) => effects.sets.has(local));
    return this.storage.read(local, level, this.#localEpochs.get(local) ?? 0);
  }

  /** Level of the innermost open loop whose effects satisfy a condition. */
  #innermost(
    changes: (
      effects: NonNullable<FunctionEmitter['scopes'][number]['effects']>,
      independent: boolean,
    ) => boolean,
  ): number {
    let level = 0;
    for (const scope of this.emitter.scopes) {
      if (scope.kind === 'loop' && scope.effects && changes(scope.effects, scope.independent)) {
        level = scope.level;
      }
    }
    return level;
  }

  /** An int32 position, in the lanes of `ops`. */
  #position(index: Affine, ops: LaneOps): Node {
    let sum: Node | undefined;
    for (const { coefficient, factor } of index.terms) {
      const x = this.lower(factor);
      const lanes = x.lanes > 1 ? ops : this.#scalar;
      const term = coefficient === 1 ? x : lanes.mul(x, lanes.i32(coefficient));
      sum = sum ? (sum.lanes > 1 || term.lanes > 1 ? ops : this.#scalar).add(sum, term) : term;
    }
    if (!sum) return this.#scalar.i32(index.base);
    if (index.base === 0) return sum;
    return (sum.lanes > 1 ? ops : this.#scalar).add(sum, this.#scalar.i32(index.base));
  }

  /**
   * Address of an element, for one lane of the vector loop; and the part of it that is known now
   * and may be an immediate offset. Terms that change in fewer loops are added first.
   */
  address(buffer: Buffer, index: Affine, lane = 0): { readonly at: Node; readonly offset: number } {
    const ops = this.#scalar;
    const size = itemSize(buffer.dtype);
    const level = this.#innermost((effects) => effects.swaps.has(buffer));
    const terms = index.terms.map(({ coefficient, factor }): Node => {
      if (factor.op === 'loop') {
        const variable = this.#variable(factor.loop);
        const scaled = this.#scaled(variable, coefficient * size);
        const shift = factor.loop === this.#vector?.loop ? lane * coefficient * size : 0;
        return shift === 0 ? scaled : ops.add(scaled, ops.i32(shift));
      }
      return this.#scaled(this.#lane(this.lower(factor), lane), coefficient * size);
    });
    const forward = index.terms.every(
      ({ coefficient, factor }) =>
        coefficient > 0 && (factor.op === 'loop' || factor.op === 'check'),
    );
    const immediate = forward && index.base > 0;
    let at = this.storage.address(buffer, level, this.#swaps);
    if (!immediate && index.base !== 0) at = ops.add(at, ops.i32(index.base * size));
    for (const term of terms.sort((a, b) => a.level - b.level)) at = ops.add(at, term);
    return { at, offset: immediate ? index.base * size : 0 };
  }

  #scaled(x: Node, by: number): Node {
    const ops = this.#scalar;
    if (x.op === 'const') return ops.i32(Math.imul(Number(x.number), by));
    const power = Math.log2(by);
    if (by === 1) return x;
    return Number.isInteger(power) ? ops.shift('shl', x, power) : ops.mul(x, ops.i32(by));
  }

  /** Coefficient of the vector loop in an index; undefined when it is not affine in it. */
  vectorStride(index: Affine): number | undefined {
    let stride = 0;
    for (const { coefficient, factor } of index.terms) {
      if (factor.op === 'loop' && factor.loop === this.#vector?.loop) stride += coefficient;
      else if (this.varies(factor)) return undefined;
    }
    return stride;
  }

  #load(buffer: Buffer, index: Affine): Node {
    const { graph } = this.emitter;
    const kind = kindOf(buffer.dtype);
    const level = this.#innermost(
      (effects, independent) =>
        effects.opaque ||
        (!independent && [...effects.stores].some((stored) => stored.dtype === buffer.dtype)),
    );
    const details = { level, unsafe: true, reads: 'memory', detail: `#${this.#stores}` } as const;
    const stride = this.#vector ? this.vectorStride(index) : 0;
    if (stride === 0 || stride === 1) {
      const { at, offset } = this.address(buffer, index);
      const lanes = stride === 0 ? 1 : this.#ops.lanes;
      return graph.node('load', kind, lanes, [at], { ...details, number: offset });
    }
    const places = Array.from({ length: this.#ops.lanes }, (_, lane) =>
      this.address(buffer, index, lane),
    );
    if (kind !== 'bool') {
      const addresses = places.map(({ at }) => at);
      const number = places[0]?.offset ?? 0;
      return graph.node('gather', kind, this.#ops.lanes, addresses, { ...details, number });
    }
    const loads = places.map(({ at, offset }) =>
      graph.node('load', kind, 1, [at], { ...details, number: offset }),
    );
    return graph.node('build', kind, this.#ops.lanes, loads);
  }
}

/** min and max of truth values are `and` and `or`. */
function boolForm(type: Scalar, fn: Extract<Expr, { op: 'binary' }>['fn']): typeof fn {
  if (type !== 'bool') return fn;
  if (fn === 'min' || fn === 'mul') return 'and';
  return fn === 'max' || fn === 'add' ? 'or' : fn;
}
