/**
 * The part of a linear Program that only moves its inputs about: gathers, slices, broadcasts. The
 * Jacobian of f(x) = g(S x), with S such a part, is that of g times S, and each of its entries is a sum
 * of entries of the former. There, what shares an element of x is apart: the residuals of one
 * observation meet the variables of no other, whatever they look at.
 */

import { primitiveOf } from '../primitives/define.ts';
import { type ElementOperand, ElementSets, elementCount } from '../primitives/element-sets.ts';
import { type Atom, type Equation, newVar, type Program, type Var } from '../program/program.ts';
import { integers } from '../tensor/dtype.ts';
import { isTensor, type Tensor } from '../tensor/tensor.ts';
import { executor } from '../trace/executor.ts';
import { apartUses } from './apart-uses.ts';
import {
  denseType,
  ElementWalk,
  elementNumbers,
  isLinearIn,
  numbered,
  positionsOf,
  varying,
  walkElements,
} from './walk-elements.ts';

/** A linear Program from where its inputs have been moved on. */
export interface Separated {
  /** `[...residuals, ...moved] -> results`. */
  readonly program: Program;
  /** For each element of the moved values, one after the other, its input; -1 for a zero. */
  readonly origin: Int32Array;
  /** For each result, the moved elements that each of its elements depends on. */
  readonly results: readonly ElementSets[];
}

/** Takes a linear Program apart, of which the first inputs are `residuals`. */
export function separateMoves(linear: Program, residuals: readonly ElementOperand[]): Separated {
  const fixed = linear.inputs.slice(0, residuals.length);
  const walk = new ElementWalk();
  walk.define(fixed, residuals);
  const moves = new Moves(linear.inputs.slice(residuals.length));
  const active = new Set<Atom>(linear.inputs.slice(residuals.length));
  const equations: Equation[] = [];
  for (const equation of linear.equations) {
    if (!equation.inputs.some((input) => active.has(input))) walk.step(equation);
    else for (const output of equation.outputs) active.add(output);
    if (!moves.goOn(equation, active, walk)) equations.push(equation);
  }

  const uses = apartUses({ inputs: fixed, equations, outputs: linear.outputs }, moves);
  const origins = moves.origins(uses.moved.map(([, moved]) => moved));
  let first = 0;
  const operands = uses.moved.map(([{ type }], i) => {
    const length = origins[i]?.length ?? 0;
    first += length;
    return varying(type, ElementSets.units(length, first - length));
  });
  const inputs = [...fixed, ...uses.moved.map(([own]) => own)];
  const program: Program = { ...uses.program, inputs };
  return {
    program,
    origin: concatenated(origins),
    results: walkElements(program, [...residuals, ...operands]).map(
      ({ type, sets }) => sets ?? ElementSets.none(elementCount(type)),
    ),
  };
}

/**
 * The equations that only move variables about, on numbers of elements: run once for all of them, it
 * gives where each element came from.
 */
class Moves {
  /** What stands for a moved value. */
  readonly #numbers = new Map<Atom, Var>();
  readonly #inputs: Var[] = [];
  readonly #values: Tensor[] = [];
  readonly #equations: Equation[] = [];

  constructor(variables: readonly Var[]) {
    let first = 1;
    for (const variable of variables) {
      const type = denseType(variable.type);
      this.#numbers.set(variable, this.#input(numbered(type, first)));
      first += elementCount(type);
    }
  }

  /** Whether a value is a variable, or one that was moved. */
  has(value: Atom): boolean {
    return this.#numbers.has(value);
  }

  /** Takes over an equation that only moves what was moved before; false for any other one. */
  goOn(equation: Equation, active: ReadonlySet<Atom>, walk: ElementWalk): boolean {
    const { operation, inputs, params, outputs } = equation;
    const primitive = primitiveOf(operation);
    const { dependence } = primitive;
    const kind = typeof dependence === 'object' ? dependence.kind : dependence;
    const [output] = outputs;
    if (kind !== 'selection' || !output || !inputs.some((input) => this.has(input))) return false;
    // What was computed beside is joined with it only where that is zero.
    if (inputs.some((input) => active.has(input) && !this.has(input))) return false;
    const beside = inputs.map((input, i) => {
      if (this.has(input)) return undefined;
      if (isLinearIn(primitive, i)) return numbered(denseType(input.type), 0);
      return positionsOf(primitive, walk.read(input)) ?? 'unknown';
    });
    if (beside.includes('unknown')) return false;
    const own = inputs.map((input, i) => {
      const value = beside[i];
      return isTensor(value) ? this.#input(value) : (this.#numbers.get(input) ?? input);
    });
    const [type = output.type] = operation.typeOf(
      own.map((atom) => atom.type),
      params,
    );
    const moved = newVar(type);
    this.#equations.push({ operation, inputs: own, params, outputs: [moved] });
    this.#numbers.set(output, moved);
    return true;
  }

  /** For each element of moved values, which element of the variables it is; -1 for a zero. */
  origins(values: readonly Atom[]): Int32Array[] {
    const outputs = values.flatMap((value) => this.#numbers.get(value) ?? []);
    const program = { inputs: this.#inputs, equations: this.#equations, outputs };
    return executor().run(program, this.#values).map(elementNumbers);
  }

  #input(value: Tensor): Var {
    const variable = newVar(value.type);
    this.#inputs.push(variable);
    this.#values.push(value);
    return variable;
  }
}

function concatenated(parts: readonly Int32Array[]): Int32Array {
  const joined = integers(parts.reduce((sum, part) => sum + part.length, 0));
  let next = 0;
  for (const part of parts) {
    joined.set(part, next);
    next += part.length;
  }
  return joined;
}
