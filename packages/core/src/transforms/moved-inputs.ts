/**
 * The part of a linear Program that only moves its inputs about: gathers, slices, broadcasts. The
 * Jacobian of f(x) = g(S x), with S such a part, is that of g times S, and each of its entries is a sum
 * of entries of the former. There, what shares an element of x is apart: the residuals of one
 * observation meet the variables of no other, whatever they look at.
 */

import { primitiveOf } from '../primitives/define.ts';
import { type ElementOperand, ElementSets, elementCount } from '../primitives/element-sets.ts';
import type { Equation, Program, Var } from '../program/program.ts';
import { ElementWalk, selected, varying } from './walk-elements.ts';

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
  const walk = new ElementWalk();
  const variables = linear.inputs.slice(residuals.length);
  walk.define(linear.inputs.slice(0, residuals.length), residuals);
  const moved = new Map<Var, Int32Array>();
  let next = 0;
  for (const variable of variables) {
    const first = next;
    next += elementCount(variable.type);
    moved.set(
      variable,
      Int32Array.from({ length: next - first }, (_, i) => first + i),
    );
  }

  const parts: Var[] = [];
  const origins: Int32Array[] = [];
  let counted = 0;
  const separate = (variable: Var): void => {
    const origin = moved.get(variable);
    if (!origin || parts.includes(variable)) return;
    walk.define([variable], [varying(variable.type, ElementSets.units(origin.length, counted))]);
    parts.push(variable);
    origins.push(origin);
    counted += origin.length;
  };
  const equations: Equation[] = [];
  for (const equation of linear.equations) {
    const onwards = movedOn(equation, moved, walk);
    const [output] = equation.outputs;
    if (onwards && output) {
      moved.set(output, onwards);
      continue;
    }
    for (const input of equation.inputs) if (input.kind === 'var') separate(input);
    equations.push(equation);
    walk.step(equation);
  }
  for (const output of linear.outputs) if (output.kind === 'var') separate(output);

  return {
    program: {
      inputs: [...linear.inputs.slice(0, residuals.length), ...parts],
      equations,
      outputs: linear.outputs,
    },
    origin: concatenated(origins),
    results: linear.outputs.map((output) => {
      const { type, sets } = walk.read(output);
      return sets ?? ElementSets.none(elementCount(type));
    }),
  };
}

/** The origins of the result of an equation that only moves what was moved before. */
function movedOn(
  { operation, inputs, params }: Equation,
  moved: ReadonlyMap<Var, Int32Array>,
  walk: ElementWalk,
): Int32Array | undefined {
  const primitive = primitiveOf(operation);
  const { dependence } = primitive;
  const kind = typeof dependence === 'object' ? dependence.kind : dependence;
  if (kind !== 'selection') return undefined;
  const origins = inputs.map((input) => (input.kind === 'var' && moved.get(input)) || null);
  if (origins.every((origin) => origin === null)) return undefined;
  const operands = inputs.map((input, i): ElementOperand => {
    const origin = origins[i];
    return origin ? varying(input.type, ElementSets.units(origin.length, 0)) : walk.read(input);
  });
  // What was computed beside is joined with it only where that is zero.
  if (operands.some(({ sets }, i) => sets !== null && !origins[i])) return undefined;
  const from = selected(primitive, params, operands);
  if (!from) return undefined;
  const all = concatenated(
    inputs.map(({ type }, i) => origins[i] ?? new Int32Array(elementCount(type)).fill(-1)),
  );
  return from.map((at) => (at < 0 ? -1 : (all[at] ?? -1)));
}

function concatenated(parts: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let next = 0;
  for (const part of parts) {
    joined.set(part, next);
    next += part.length;
  }
  return joined;
}
