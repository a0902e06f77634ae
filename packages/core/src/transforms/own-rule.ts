/**
 * Functions whose rule calls the function itself, as in `dy = y (1 - y) dx`. Recording such a rule
 * would never end: the call inside is recorded without its rule, and when a rule is used, the calls
 * in it receive the rule that they are in. Each order of derivative so unfolds one level.
 */

import type { Operation, Params, Program } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { sameType, type ValueType } from '../tensor/type.ts';
import { bind, Environment, fromSourceOf } from '../trace/trace.ts';

const recording: { readonly rules: object; readonly types: readonly ValueType[] }[] = [];

/** Records rules, during which `isInOwnRule` holds for calls with arguments of the same types. */
export function recordRules<T>(rules: object, types: readonly ValueType[], record: () => T): T {
  recording.push({ rules, types });
  try {
    return record();
  } finally {
    recording.pop();
  }
}

/** Whether a function is called by one of its own rules. */
export function isInOwnRule(rules: object, types: readonly ValueType[]): boolean {
  return recording.some(
    (entry) =>
      entry.rules === rules &&
      entry.types.length === types.length &&
      entry.types.every((type, i) => sameType(type, types[i] ?? type)),
  );
}

/** What is wrong with a call of the function in a loop or a branch of its own rule. */
export function calledFromWithin(name: string): string {
  return `${name}: the rule calls its own function inside a loop, a branch or another rule, where the call cannot have the same rule. Call the function before, and close over the result.`;
}

/** An operation with rules. */
interface Completed {
  readonly operation: Operation;
  /** A call that was recorded without its rule, with the rule that it is in; null for other calls. */
  complete(
    operands: readonly Tensor[],
    params: Params,
  ): { readonly operands: readonly Tensor[]; readonly params: Params } | null;
}

/** Evaluates the Program of a rule in the open trace. */
export function evaluateRule(
  { inputs, equations, outputs }: Program,
  values: readonly Tensor[],
  completed: Completed,
): readonly Tensor[] {
  const environment = new Environment();
  environment.define(inputs, values);
  for (const equation of equations) {
    const given = equation.inputs.map((input) => environment.read(input));
    const own =
      equation.operation === completed.operation
        ? completed.complete(given, equation.params)
        : null;
    const { operands, params } = own ?? { operands: given, params: equation.params };
    environment.define(
      equation.outputs,
      fromSourceOf(equation, () => bind(equation.operation, operands, params)),
    );
  }
  return outputs.map((output) => environment.read(output));
}
