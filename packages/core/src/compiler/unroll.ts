import { flattenIndex, type Index } from '../kernel/affine.ts';
import type { Expr, Scalar } from '../kernel/expr.ts';
import { binary, constant } from '../kernel/scalars.ts';
import { type Combine, neutral } from '../kernel/statement.ts';
import type { NestBuilder } from '../primitives/nest-builder.ts';
import type { Equation } from '../program/program.ts';
import type { Shape } from '../tensor/shape.ts';
import { loweringOf } from './probe.ts';
import { constantIndices, dense } from './space.ts';
import type { Values } from './values.ts';

/**
 * Runs the loops of a small nest while the kernel is built, so that each element of its results
 * becomes one expression of the elements of its operands.
 */
export function unroll(equation: Equation, values: Values): void {
  const lowering = loweringOf(equation);
  if (lowering.kind !== 'nest') throw new Error(`${equation.operation.name} has no loops.`);
  const { inPlace } = lowering;
  const reads = values.readsOf(equation);
  const shapes = equation.outputs.map((output) => dense(output.type).shape);
  const elements = shapes.map(() => new Map<number, Expr>());
  const offset = (result: number, index: Index): number =>
    constantOffset(index, shapes[result] ?? []);
  const current = (result: number, index: Index): Expr => {
    const initial = inPlace === undefined ? undefined : reads[inPlace];
    const value = elements[result]?.get(offset(result, index)) ?? initial?.(index);
    if (value) return value;
    throw new Error(`${equation.operation.name}: an element was read before it was written.`);
  };
  const forEach = (shape: Shape, body: (index: Index) => void): void => {
    for (const index of constantIndices(shape)) body(index);
  };
  const refuse = (what: string) => (): never => {
    throw new Error(`${equation.operation.name}: ${what} cannot be unrolled.`);
  };
  const builder: NestBuilder = {
    forEach,
    forEachInOrder: forEach,
    reduce: (combine, shape, value) => {
      const terms = constantIndices(shape).map(value);
      const type = terms[0]?.type ?? dense(equation.outputs[0]?.type ?? refuse('nothing')()).dtype;
      return combineAll(combine, type, terms);
    },
    write: (result, index, value) => {
      elements[result]?.set(offset(result, index), values.folder.fold(value));
    },
    readResult: current,
    sequential: refuse('a loop in order'),
    range: refuse('a loop in order'),
    repeatWhile: refuse('a loop of unknown length'),
    choose: refuse('a branch'),
    scratch: refuse('memory'),
    local: refuse('a local'),
    emit: refuse('a statement'),
  };
  lowering.emit(builder, reads, values.contextOf(equation));
  equation.outputs.forEach((output, result) => {
    for (const index of constantIndices(shapes[result] ?? [])) {
      values.bind(output, index, current(result, index));
    }
  });
}

function constantOffset(index: Index, shape: Shape): number {
  const { base, terms } = flattenIndex(index, shape);
  if (terms.length > 0) throw new Error('A position that data decides cannot be unrolled.');
  return base;
}

/** The combination of values as a balanced tree. */
export function combineAll(combine: Combine, type: Scalar, terms: readonly Expr[]): Expr {
  const [first] = terms;
  if (first === undefined) return constant(type, neutral(combine, type));
  if (terms.length === 1) return first;
  const middle = Math.ceil(terms.length / 2);
  const left = combineAll(combine, type, terms.slice(0, middle));
  return binary(combine, left, combineAll(combine, type, terms.slice(middle)));
}
