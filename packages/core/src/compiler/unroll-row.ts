import type { Index } from '../kernel/affine.ts';
import type { Expr, Scalar } from '../kernel/expr.ts';
import { binary, constant } from '../kernel/scalars.ts';
import { type Combine, neutral, rounds } from '../kernel/statement.ts';
import type { NestBuilder } from '../primitives/nest-builder.ts';
import type { Equation } from '../program/program.ts';
import type { Shape } from '../tensor/shape.ts';
import { loweringOf } from './probe.ts';
import { rowIndices } from './rows.ts';
import { constantIndices, dense } from './space.ts';
import { combineAll } from './unroll.ts';
import type { Values } from './values.ts';

/** Runs the loops of a nest for one row while the kernel is built. */
export function unrollRow(equation: Equation, values: Values, rows: Shape, at: Index): void {
  const lowering = loweringOf(equation);
  const [output] = equation.outputs;
  if (lowering.kind !== 'nest' || !output) throw new Error('unreachable');
  const refuse = (): never => {
    throw new Error(`${equation.operation.name}: a row of it cannot be unrolled.`);
  };
  const builder: NestBuilder = {
    forEach: (shape, body) => {
      for (const index of rowIndices(shape, rows, at) ?? refuse()) body(index);
    },
    reduce: (combine, shape, value) => {
      const terms = constantIndices(shape).map(value);
      return combineInOrder(combine, terms[0]?.type ?? dense(output.type).dtype, terms);
    },
    write: (_, index, value) => {
      values.bind(output, index, values.folder.fold(value));
    },
    forEachInOrder: refuse,
    readResult: refuse,
    sequential: refuse,
    range: refuse,
    repeatWhile: refuse,
    choose: refuse,
    scratch: refuse,
    local: refuse,
    emit: refuse,
  };
  lowering.emit(builder, values.readsOf(equation), values.contextOf(equation));
}

const chains = 8;

/**
 * The combination of values in the order of a loop over them (`emit/reduce.ts`), so that a sum has
 * the same bits in either form.
 */
export function combineInOrder(combine: Combine, type: Scalar, terms: readonly Expr[]): Expr {
  if (!rounds(combine, type)) return combineAll(combine, type, terms);
  const start = constant(type, neutral(combine, type));
  const both = (a: Expr, b: Expr): Expr => binary(combine, a, b);
  const width = type === 'float64' ? 2 : 4;
  const whole = terms.length - (terms.length % width);
  let vectors: Expr[][] = [];
  for (let k = 0; k < whole; k++) {
    const [vector, lane] = [Math.floor((k % chains) / width), k % width];
    const term = terms[k] ?? start;
    const own = vectors[vector] ?? [];
    vectors[vector] = own;
    own[lane] = both(own[lane] ?? start, term);
  }
  while (vectors.length > 1) {
    vectors = vectors.flatMap((vector, i) => {
      if (i % 2 === 1) return [];
      const next = vectors[i + 1];
      return [next ? vector.map((a, lane) => both(a, next[lane] ?? start)) : vector];
    });
  }
  let lanes = vectors[0] ?? [];
  while (lanes.length > 1) {
    const half = lanes.length / 2;
    const upper = lanes.slice(half);
    lanes = lanes.slice(0, half).map((a, i) => both(a, upper[i] ?? start));
  }
  return terms.slice(whole).reduce(both, lanes[0] ?? start);
}
