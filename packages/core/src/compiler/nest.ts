import {
  type Affine,
  affineAdd,
  affineLoop,
  affineScale,
  flattenIndex,
  type Index,
  unflattenIndex,
} from '../kernel/affine.ts';
import type { Buffer, Expr, Local, Loop, Scalar } from '../kernel/expr.ts';
import { indexValue } from '../kernel/scalars.ts';
import { rounds, type Statement, type SumOrder } from '../kernel/statement.ts';
import type { NestBuilder, Scratch } from '../primitives/nest-builder.ts';
import type { Equation, Var } from '../program/program.ts';
import type { DType } from '../tensor/dtype.ts';
import { type Shape, sameShape, sizeOf } from '../tensor/shape.ts';
import { tensorType } from '../tensor/type.ts';
import { loweringOf } from './probe.ts';
import { dense, loopIndex, loopsOver, placeIndex, wrap } from './space.ts';
import type { Values } from './values.ts';

/**
 * Statements of a `nest`. `epilogue` gives those of the elementwise readers that joined it, run
 * where an element of its result has just been written.
 */
export function emitNest(
  equation: Equation,
  values: Values,
  roots: readonly Var[],
  epilogue: (index: Index, shape: Shape) => Statement[],
): Statement[] {
  const lowering = loweringOf(equation);
  if (lowering.kind !== 'nest') throw new Error(`${equation.operation.name} has no loops.`);
  const builder = new Builder(equation, values, new Set(roots), epilogue);
  const reads = values.readsOf(equation);
  const { inPlace } = lowering;
  const target = equation.inputs.map((_, i) =>
    i === inPlace ? (index: Index) => builder.readResult(0, index) : reads[i],
  );
  lowering.emit(
    builder,
    target.map((read, i) => read ?? reads[i] ?? unreachable(equation)),
    values.contextOf(equation),
  );
  return builder.statements;
}

class Builder implements NestBuilder {
  statements: Statement[] = [];
  readonly #equation: Equation;
  readonly #values: Values;
  readonly #roots: ReadonlySet<Var>;
  readonly #epilogue: (index: Index, shape: Shape) => Statement[];
  #locals = 0;
  #loops = 0;
  /** Loops of reductions: another right after it over the same shape goes through them together. */
  readonly #sums = new Map<readonly Loop[], SumLoops>();

  constructor(
    equation: Equation,
    values: Values,
    roots: ReadonlySet<Var>,
    epilogue: (index: Index, shape: Shape) => Statement[],
  ) {
    this.#equation = equation;
    this.#values = values;
    this.#roots = roots;
    this.#epilogue = epilogue;
  }

  forEach(shape: Shape, body: (index: Index) => void): void {
    this.#nested(shape, true, body);
  }

  forEachInOrder(shape: Shape, body: (index: Index) => void): void {
    this.#nested(shape, false, body);
  }

  sequential(extent: number, body: (loop: Loop) => void): void {
    const loop: Loop = { name: `n${this.#loops++}`, extent };
    const inner = this.#collect(() => body(loop));
    this.statements.push({ do: 'for', loop, parallel: false, body: inner });
  }

  range(from: Affine, to: Affine, body: (position: Affine) => void, independent = false): void {
    const count = affineAdd(to, affineScale(from, -1));
    const known = count.terms.length === 0;
    if (known && count.base <= 0) return;
    const loop: Loop = { name: `n${this.#loops++}`, extent: known ? count.base : undefined };
    const inner = this.#collect(() => body(affineAdd(from, affineLoop(loop))));
    const statement = { do: 'for', loop, parallel: independent, body: inner } as const;
    this.statements.push(known ? statement : { ...statement, count: indexValue(count) });
  }

  reduce(
    combine: Parameters<NestBuilder['reduce']>[0],
    shape: Shape,
    value: (index: Index) => Expr,
    order?: SumOrder,
  ): Expr {
    const before = this.statements.at(-1);
    const together = before?.do === 'reduce' ? this.#sums.get(before.loops) : undefined;
    const again = together && sameShape(together.shape, shape) ? together : undefined;
    const name = `r${again ? '' : this.#loops++}_`;
    const apart = again?.apart ?? loopsOver(shape, name);
    let element: Expr | undefined;
    const valueIn = (index: Index): Scalar => {
      const stray = this.#collect(() => {
        element = value(index);
      });
      if (element === undefined || stray.length > 0) {
        const { name: operation } = this.#equation.operation;
        throw new Error(`${operation}: the value of a reduction has statements.`);
      }
      return element.type;
    };
    const type = valueIn(loopIndex(shape, apart));
    const isCut = !order && rounds(combine, type);
    const loops = again?.cut === isCut ? again.loops : isCut ? sumLoops(apart, name) : apart;
    this.#sums.set(loops, { shape, apart, loops, cut: isCut });
    if (loops !== apart) valueIn(indexIn(shape, apart, loops));
    if (element === undefined) throw new Error('unreachable');
    const folded = this.#values.folder.fold(element);
    const target = this.#newLocal(folded.type);
    this.statements.push({ do: 'reduce', combine, loops, value: folded, target, order });
    return { op: 'local', type: target.type, local: target };
  }

  repeatWhile(condition: () => Expr, body: () => void): void {
    let holds: Expr | undefined;
    const before = this.#collect(() => {
      holds = this.#values.folder.fold(condition());
    });
    const inner = this.#collect(body);
    if (!holds) throw new Error('unreachable');
    this.statements.push({ do: 'while', before, condition: holds, body: inner });
  }

  choose(condition: Expr, then: () => void, otherwise: () => void = () => {}): void {
    this.statements.push({
      do: 'if',
      condition: this.#values.folder.fold(condition),
      // biome-ignore lint/suspicious/noThenProperty: a statement is never awaited.
      then: this.#collect(then),
      else: this.#collect(otherwise),
    });
  }

  write(result: number, index: Index, value: Expr): void {
    const variable = this.#result(result);
    const folded = this.#values.folder.fold(value);
    const { shape } = dense(variable.type);
    this.#values.bind(variable, index, folded);
    if (this.#roots.has(variable)) {
      this.statements.push({
        do: 'store',
        buffer: this.#values.store(variable),
        index: this.#values.folder.affine(flattenIndex(index, shape)),
        value: folded,
      });
    }
    if (result === 0) this.statements.push(...this.#epilogue(index, shape));
  }

  readResult(result: number, index: Index): Expr {
    const variable = this.#result(result);
    const { shape, dtype } = dense(variable.type);
    const buffer: Buffer = this.#values.store(variable);
    const offset = this.#values.folder.affine(flattenIndex(index, shape));
    return { op: 'load', type: dtype, buffer, index: offset };
  }

  local(type: Scalar, initial: Expr): { get(): Expr; set(value: Expr): void } {
    const local = this.#newLocal(type);
    const set = (value: Expr): void => {
      this.statements.push({ do: 'set', local, value: this.#values.folder.fold(value) });
    };
    set(initial);
    return { get: () => ({ op: 'local', type, local }), set };
  }

  scratch(dtype: DType, shape: Shape): Scratch {
    const memory: Var = { kind: 'var', type: tensorType(dtype, shape) };
    const buffer = this.#values.store(memory);
    const offset = (index: Index): Affine => this.#values.folder.affine(flattenIndex(index, shape));
    return {
      read: (index) => ({ op: 'load', type: dtype, buffer, index: offset(index) }),
      write: (index, value) => {
        const folded = this.#values.folder.fold(value);
        this.statements.push({ do: 'store', buffer, index: offset(index), value: folded });
      },
    };
  }

  emit(statement: Statement): void {
    this.statements.push(statement);
  }

  #nested(shape: Shape, parallel: boolean, body: (index: Index) => void): void {
    const loops = loopsOver(shape, `i${this.#loops++}_`);
    if (sizeOf(shape) === 0) return;
    const inner = this.#collect(() => body(loopIndex(shape, loops)));
    this.statements.push(...wrap(loops, parallel, inner));
  }

  #collect(body: () => void): Statement[] {
    const before = this.statements;
    this.statements = [];
    body();
    const inner = this.statements;
    this.statements = before;
    return inner;
  }

  #newLocal(type: Scalar): Local {
    return { name: `t${this.#locals++}`, type };
  }

  #result(result: number): Var {
    return this.#equation.outputs[result] ?? unreachable(this.#equation);
  }
}

/** The loops of a reduction over a shape, and how they were made. */
interface SumLoops {
  readonly shape: Shape;
  readonly apart: readonly Loop[];
  readonly loops: readonly Loop[];
  readonly cut: boolean;
}

/** Terms that one loop of a sum has at least, where there are as many. */
const leastTerms = 64;

/**
 * The loops of a sum, by its shape alone: the order of the terms is not to depend on how the operands
 * lie in memory. Short inner axes become one loop together, so that rows of a few elements fill
 * vectors.
 */
function sumLoops(loops: readonly Loop[], name: string): readonly Loop[] {
  let first = loops.length;
  let terms = 1;
  while (first > 0 && terms < leastTerms) terms *= loops[--first]?.extent ?? 1;
  if (loops.length - first < 2) return loops;
  return [...loops.slice(0, first), { name: `${name}${first}`, extent: terms }];
}

/** The position of `shape` in the loops of a sum, the last of which stands for the rest of `apart`. */
function indexIn(shape: Shape, apart: readonly Loop[], loops: readonly Loop[]): Index {
  const outer = loops.slice(0, -1);
  const inner = loops.at(-1);
  if (!inner) return loopIndex(shape, apart);
  const extents = apart.slice(outer.length).map(({ extent = 1 }) => extent);
  const places = unflattenIndex(affineLoop(inner), extents);
  return placeIndex(shape, [...outer.map(affineLoop), ...places]);
}

function unreachable(equation: Equation): never {
  throw new Error(`${equation.operation.name}: there is no such operand or result.`);
}
