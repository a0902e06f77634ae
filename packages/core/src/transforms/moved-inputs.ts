/**
 * The part of a linear Program that only moves its inputs about: gathers, slices, broadcasts. The
 * Jacobian of f(x) = g(S x), with S such a part, is that of g times S, and each of its entries is a sum
 * of entries of the former. There, what shares an element of x is apart: the residuals of one
 * observation meet the variables of no other, whatever they look at.
 */

import { primitiveOf } from '../primitives/define.ts';
import { type ElementOperand, ElementSets, elementCount } from '../primitives/element-sets.ts';
import type { Atom, Equation, Program } from '../program/program.ts';
import { integers } from '../tensor/dtype.ts';
import { apartUses } from './apart-uses.ts';
import { ElementWalk, selected, varying, walkElements } from './walk-elements.ts';

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
  const moved = new Map<Atom, Int32Array>();
  const active = new Set<Atom>();
  let variables = 0;
  for (const variable of linear.inputs.slice(residuals.length)) {
    const size = elementCount(variable.type);
    moved.set(variable, counted(size, variables));
    active.add(variable);
    variables += size;
  }
  const equations: Equation[] = [];
  for (const equation of linear.equations) {
    const { inputs, outputs } = equation;
    if (!inputs.some((input) => active.has(input))) walk.step(equation);
    else for (const output of outputs) active.add(output);
    const onwards = movedOn(equation, moved, active, walk);
    const [output] = outputs;
    if (onwards && output) moved.set(output, onwards);
    else equations.push(equation);
  }

  const uses = apartUses({ inputs: fixed, equations, outputs: linear.outputs }, moved);
  const origins = uses.moved.map(([, variable]) => moved.get(variable) ?? counted(0, 0));
  let first = 0;
  const operands = uses.moved.map(([{ type }], i) => {
    const { length } = origins[i] ?? [];
    first += length ?? 0;
    return varying(type, ElementSets.units(length ?? 0, first - (length ?? 0)));
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

/** The origins of the result of an equation that only moves what was moved before. */
function movedOn(
  { operation, inputs, params }: Equation,
  moved: ReadonlyMap<Atom, Int32Array>,
  active: ReadonlySet<Atom>,
  walk: ElementWalk,
): Int32Array | undefined {
  const primitive = primitiveOf(operation);
  const { dependence } = primitive;
  const kind = typeof dependence === 'object' ? dependence.kind : dependence;
  if (kind !== 'selection') return undefined;
  const origins = inputs.map((input) => moved.get(input) ?? null);
  // What was computed beside is joined with it only where that is zero.
  if (inputs.some((input, i) => active.has(input) && !origins[i])) return undefined;
  if (origins.every((origin) => origin === null)) return undefined;
  const operands = inputs.map((input, i): ElementOperand => {
    const origin = origins[i];
    return origin ? varying(input.type, ElementSets.units(origin.length, 0)) : walk.read(input);
  });
  const from = selected(primitive, params, operands);
  if (!from) return undefined;
  const all = concatenated(
    inputs.map(({ type }, i) => origins[i] ?? integers(elementCount(type)).fill(-1)),
  );
  return from.map((at) => (at < 0 ? -1 : (all[at] ?? -1)));
}

/** first, first + 1, ... */
function counted(size: number, first: number): Int32Array {
  const numbers = integers(size);
  for (let i = 0; i < size; i++) numbers[i] = first + i;
  return numbers;
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
