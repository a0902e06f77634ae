/**
 * Transpose: run a linear Program backwards.
 *
 * Equations that depend on residuals alone are evaluated first; then the linear ones are visited
 * in reverse, and each adds the pull-back of its cotangent to accumulators of its operands. A
 * value that was used twice so receives a sum, and one that was never used costs nothing.
 */

import { Cotangent } from '../primitives/cotangent.ts';
import { primitiveOf } from '../primitives/define.ts';
import { hasEffect } from '../program/effects.ts';
import type { Atom, Equation, Program, Var } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { bind, Environment, fromSourceOf } from '../trace/trace.ts';
import { decomposition } from './linearize-program.ts';

/**
 * Adds the pull-back of `cts` to the linear inputs, which are given as Cotangents; the others are
 * residuals. A null cotangent is zero.
 */
export function transposeInto(
  program: Program,
  inputs: readonly (Tensor | Cotangent)[],
  cts: readonly (Tensor | null)[],
): void {
  const residuals = new Environment();
  const linear = new Map<Var, Cotangent>();
  program.inputs.forEach((variable, i) => {
    const input = inputs[i];
    if (input instanceof Cotangent) linear.set(variable, input);
    else if (input) residuals.define([variable], [input]);
  });
  const isLinear = (atom: Atom): boolean => atom.kind === 'var' && linear.has(atom);

  const pullBack = ({ operation, inputs: operands, params, outputs }: Equation): void => {
    const received = outputs.map((output) => linear.get(output)?.get() ?? null);
    if (received.every((ct) => ct === null)) return;
    const primitive = primitiveOf(operation);
    const values = operands.map(
      (operand) => (operand.kind === 'var' && linear.get(operand)) || residuals.read(operand),
    );
    if (primitive.transpose) {
      primitive.transpose(received, values, params);
      return;
    }
    const types = operands.map((operand) => operand.type);
    const { program: parts, captures } = decomposition(primitive, types, params);
    transposeInto(parts, [...captures, ...values], received);
  };

  const needed = neededFor(program, inputs, cts);
  const backwards: Equation[] = [];
  for (const equation of program.equations) {
    const { operation, inputs: operands, params, outputs } = equation;
    if (!outputs.some((output) => needed.has(output)) && !hasEffect(equation)) continue;
    if (operands.some(isLinear)) {
      for (const output of outputs) linear.set(output, new Cotangent(output.type));
      backwards.push(equation);
    } else {
      const values = operands.map((operand) => residuals.read(operand));
      residuals.define(
        outputs,
        fromSourceOf(equation, () => bind(operation, values, params)),
      );
    }
  }

  program.outputs.forEach((output, i) => {
    const ct = cts[i];
    if (ct && output.kind === 'var') linear.get(output)?.add(ct);
  });
  for (const equation of backwards.reverse()) {
    fromSourceOf(equation, () => pullBack(equation), 'derivative');
  }
}

/**
 * The variables that the pull-back of `cts` goes through or reads: what is linear and leads to an
 * output with a cotangent, and what such equations take beside that, or act on the world with.
 */
function neededFor(
  program: Program,
  inputs: readonly (Tensor | Cotangent)[],
  cts: readonly (Tensor | null)[],
): ReadonlySet<Atom> {
  const linear = new Set<Atom>(program.inputs.filter((_, i) => inputs[i] instanceof Cotangent));
  for (const { inputs: operands, outputs } of program.equations) {
    if (operands.some((operand) => linear.has(operand))) for (const o of outputs) linear.add(o);
  }
  const needed = new Set<Atom>(program.outputs.filter((o, i) => cts[i] && linear.has(o)));
  for (const equation of program.equations.toReversed()) {
    const { inputs: operands, outputs } = equation;
    if (outputs.some((output) => needed.has(output)) || hasEffect(equation))
      for (const o of operands) needed.add(o);
  }
  return needed;
}
