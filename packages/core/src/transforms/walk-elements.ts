/**
 * Which elements of a linear Program's results depend on which elements of its inputs, equation by
 * equation. Positions in gathers and the like are looked up: what does not depend on the point of
 * the derivative is computed when it is asked for.
 */

import { Cotangent } from '../primitives/cotangent.ts';
import { zeros } from '../primitives/create.ts';
import { type Primitive, primitiveOf } from '../primitives/define.ts';
import {
  type ElementOperand,
  ElementSets,
  elementCount,
  type KnownElements,
  type WalkElements,
} from '../primitives/element-sets.ts';
import { hasEffect } from '../program/effects.ts';
import { type Atom, type Equation, newVar, type Params, type Var } from '../program/program.ts';
import { integers } from '../tensor/dtype.ts';
import { isTensor, makeTensor, type Tensor } from '../tensor/tensor.ts';
import { type TensorType, tensorType, type ValueType } from '../tensor/type.ts';
import { executor } from '../trace/executor.ts';
import { type TracedProgram, trace } from '../trace/trace.ts';
import { decomposition } from './linearize-program.ts';

/** Follows a Program, or one equation after another of it. */
export class ElementWalk {
  readonly #operands = new Map<Var, ElementOperand>();

  define(variables: readonly Var[], operands: readonly ElementOperand[]): void {
    variables.forEach((variable, i) => {
      const operand = operands[i];
      if (operand === undefined) throw new Error('An operand is missing.');
      this.#operands.set(variable, operand);
    });
  }

  read(atom: Atom): ElementOperand {
    if (atom.kind === 'literal') return known(literal(atom.value, atom.type));
    const operand = this.#operands.get(atom);
    if (operand === undefined) throw new Error('A variable was read before its definition.');
    return operand;
  }

  step(equation: Equation): void {
    const operands = equation.inputs.map((input) => this.read(input));
    this.define(equation.outputs, follow(equation, operands));
  }
}

export const walkElements: WalkElements = (program, inputs) => {
  const walk = new ElementWalk();
  walk.define(program.inputs, inputs);
  for (const equation of program.equations) walk.step(equation);
  return program.outputs.map((output) => walk.read(output));
};

/** A value that depends on nothing, and is at hand. */
function known(tensor: Tensor): ElementOperand {
  return { type: tensor.type, sets: null, value: () => tensor };
}

/** A value that varies with the point, and depends on the variables of `sets` linearly. */
export function varying(type: ValueType, sets: ElementSets | null): ElementOperand {
  return { type, sets, value: () => 'varies' };
}

function follow(equation: Equation, operands: readonly ElementOperand[]): ElementOperand[] {
  const { outputs } = equation;
  if (operands.every(({ sets }) => sets === null)) {
    let results: readonly KnownElements[] | undefined;
    return outputs.map(({ type }, i) => ({
      type,
      sets: null,
      value: () => {
        results ??= valuesOf(equation, operands);
        return results[i] ?? 'varies';
      },
    }));
  }
  const sets = dependences(equation, operands);
  return outputs.map(({ type }, i) => varying(type, sets[i] ?? null));
}

/** The results of an equation that depends on nothing. */
function valuesOf(
  equation: Equation,
  operands: readonly ElementOperand[],
): readonly KnownElements[] {
  const { inputs, outputs } = equation;
  const dense = [...inputs, ...outputs].every(({ type }) => type.kind === 'tensor');
  if (!dense || hasEffect(equation)) return outputs.map(() => 'varies');
  const values = operands.map((operand) => operand.value());
  const given = values.filter(isTensor);
  if (given.length < values.length) {
    const why = values.includes('recorded') ? 'recorded' : 'varies';
    return outputs.map(() => why);
  }
  return run(equation.operation, given, equation.params);
}

function run(
  operation: Equation['operation'],
  operands: readonly Tensor[],
  params: Params,
): readonly Tensor[] {
  const inputs = operands.map(({ type }) => newVar(type));
  const types = inputs.map(({ type }) => type);
  const outputs = operation.typeOf(types, params).map(newVar);
  const equation: Equation = { operation, inputs, params, outputs };
  return executor().run({ inputs, equations: [equation], outputs }, operands);
}

/** What the results of an equation depend on; null for one that depends on nothing. */
function dependences(
  { operation, params, outputs }: Equation,
  operands: readonly ElementOperand[],
): readonly (ElementSets | null)[] {
  const primitive = primitiveOf(operation);
  if (primitive.depend) return primitive.depend(operands, params, walkElements);
  const { dependence } = primitive;
  if (dependence) {
    const kind = typeof dependence === 'string' ? dependence : dependence.kind;
    if (kind === 'elementwise') return [together(operands)];
    if (kind === 'selection') {
      const from = selected(primitive, params, operands);
      if (from) return [ElementSets.concat(operands.map(setsOf)).pick(from)];
    }
    if (kind === 'sum') {
      const sums = summed(primitive, params, operands);
      if (sums) return [sums];
    }
    if (typeof dependence === 'object') {
      const like = expression(primitive, operands, (...xs) => [dependence.like(xs, params)]);
      return walkTraced(like, operands);
    }
  } else if (primitive.onlyTransposed) {
    return backwards(primitive, params, operands, outputs);
  } else if (primitive.decompose) {
    const types = operands.map(({ type }) => type);
    return walkTraced(decomposition(primitive, types, params), operands);
  }
  const all = operands.flatMap(({ sets }) => sets ?? []);
  const joint = ElementSets.concat(all);
  return outputs.map(({ type }) => joint.everywhere(elementCount(type)));
}

/** Dependences by those of the transpose. */
function backwards(
  primitive: Primitive,
  params: Params,
  operands: readonly ElementOperand[],
  results: readonly Var[],
): readonly ElementSets[] {
  const types = operands.map(({ type }) => type);
  const { program, captures } = trace(
    [...types, ...results.map(({ type }) => type)],
    (...all) => {
      const given = types.map((type, i) =>
        operands[i]?.sets ? new Cotangent(type) : (all[i] ?? zeros(denseType(type))),
      );
      primitive.transpose?.(all.slice(types.length), given, params);
      return given.flatMap((x) => (x instanceof Cotangent ? [x.get() ?? zeros(x.dense())] : []));
    },
    { name: primitive.name },
  );
  const sizes = results.map(({ type }) => elementCount(type));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const cts = results.map(({ type }, i) =>
    varying(type, ElementSets.units(sizes[i] ?? 0, starts[i] ?? 0)),
  );
  const pulled = walkElements(program, [...captures.map(known), ...operands, ...cts]);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const all = operands
    .flatMap(({ sets }) => sets ?? [])
    .reduce((union, sets, i) => {
      const reached = pulled[i]?.sets;
      if (!reached) return union;
      const from = integers(reached.count);
      for (let e = 0; e < reached.size; e++) from.fill(e, reached.starts[e], reached.starts[e + 1]);
      return union.union(sets.pick(from).sum(reached.members, total));
    }, ElementSets.none(total));
  return sizes.map((size, i) => all.slice(starts[i] ?? 0, (starts[i] ?? 0) + size));
}

function walkTraced(
  { program, captures }: TracedProgram,
  operands: readonly ElementOperand[],
): readonly (ElementSets | null)[] {
  const results = walkElements(program, [...captures.map(known), ...operands]);
  return results.map(({ sets }) => sets);
}

function expression(
  { name }: Primitive,
  operands: readonly ElementOperand[],
  body: (...operands: Tensor[]) => readonly Tensor[],
): TracedProgram {
  return trace(
    operands.map(({ type }) => type),
    body,
    { name },
  );
}

function together(operands: readonly ElementOperand[]): ElementSets | null {
  return operands.reduce<ElementSets | null>(
    (union, { sets }) => (union && sets ? union.union(sets) : (union ?? sets)),
    null,
  );
}

function setsOf({ type, sets }: ElementOperand): ElementSets {
  return sets ?? ElementSets.none(elementCount(type));
}

/**
 * For each element of the result of a selection, which element of the operands it is, when these
 * are put one after the other; -1 for none, undefined when its positions are not known. The
 * operation itself says it, applied to numbers of elements.
 */
function selected(
  primitive: Primitive,
  params: Params,
  operands: readonly ElementOperand[],
): Int32Array | undefined {
  let first = 1;
  const numbers: Tensor[] = [];
  for (const [i, operand] of operands.entries()) {
    const type = denseType(operand.type);
    if (isLinearIn(primitive, i)) {
      numbers.push(operand.sets ? numbered(type, first) : numbered(type, 0));
    } else {
      const positions = positionsOf(primitive, operand);
      if (!positions) return undefined;
      numbers.push(positions);
    }
    first += elementCount(type);
  }
  return elementNumbers(run(primitive, numbers, params)[0]);
}

/** What the results of a sum depend on; undefined when its positions are not known. */
function summed(
  primitive: Primitive,
  params: Params,
  operands: readonly ElementOperand[],
): ElementSets | undefined {
  const fixed: (Tensor | null)[] = [];
  for (const [i, operand] of operands.entries()) {
    const positions = isLinearIn(primitive, i) ? null : positionsOf(primitive, operand);
    if (positions === undefined) return undefined;
    fixed.push(positions);
  }
  const types = operands.map(({ type }) => tensorType('int32', denseType(type).shape));
  const [result] = primitive.typeOf(types, params).map(denseType);
  if (!result) throw new Error('unreachable');
  const size = elementCount(result);
  let union: ElementSets | undefined;
  for (const [i, { sets }] of operands.entries()) {
    const type = types[i];
    if (sets === null || !type) continue;
    const { program, captures } = trace(
      [result],
      (ct) => {
        const target = new Cotangent(type);
        const given = types.map((other, j) => (j === i ? target : (fixed[j] ?? zeros(other))));
        primitive.transpose?.([ct], given, params);
        return [target.get() ?? zeros(type)];
      },
      { name: primitive.name },
    );
    const [to] = executor().run(program, [...captures, numbered(result, 1)]);
    const part = sets.sum(elementNumbers(to), size);
    union = union ? union.union(part) : part;
  }
  return union;
}

/** Whether an operation is linear in an operand. */
export function isLinearIn({ linear }: Primitive, operand: number): boolean {
  return linear?.in === 'all' || linear?.in.includes(operand) === true;
}

/** Positions that an operand gives; undefined where they depend on the point. */
export function positionsOf(primitive: Primitive, operand: ElementOperand): Tensor | undefined {
  const value = operand.value();
  if (value === 'recorded') throw unknownPositions(primitive.name);
  return value === 'varies' ? undefined : value;
}

/** A pattern cannot be found, as it depends on what is not known yet. */
export class UnknownPositions extends TypeError {}

function unknownPositions(name: string): UnknownPositions {
  return new UnknownPositions(
    `sparseJacobian: the pattern depends on the positions in ${name}, which are not known while a transform records the function around it. Let the function close over them, pass them as fixed(positions), or give the pattern.`,
  );
}

/** first, first + 1, ...; all zero for 0. */
export function numbered({ shape }: TensorType, first: number): Tensor {
  const type = tensorType('int32', shape);
  const data = integers(elementCount(type));
  if (first > 0) for (let i = 0; i < data.length; i++) data[i] = first + i;
  return makeTensor(type, { kind: 'dense', data });
}

/** What was counted from 1, counted from 0. */
export function elementNumbers(tensor: Tensor | undefined): Int32Array {
  if (!tensor) throw new Error('unreachable');
  return tensor.read((data) => {
    const numbers = integers(data.length);
    for (let i = 0; i < data.length; i++) numbers[i] = (data[i] ?? 0) - 1;
    return numbers;
  });
}

function literal(value: number, type: TensorType): Tensor {
  const output = { kind: 'literal', type, value } as const;
  const [tensor] = executor().run({ inputs: [], equations: [], outputs: [output] }, []);
  if (!tensor) throw new Error('unreachable');
  return tensor;
}

/** The type of a value that has elements to select. */
export function denseType(type: ValueType): TensorType {
  if (type.kind === 'tensor') return type;
  throw new TypeError('A stack of loop residuals has no elements to select.');
}
