import { primitiveOf, type ReferenceArray } from '../../primitives/define.ts';
import type { Equation, Program } from '../../program/program.ts';
import type { Data } from '../../tensor/dtype.ts';
import type { ValueStorage } from '../../tensor/storage.ts';
import { lawsOf } from './laws.ts';
import { dense, denseType, runHost, walk } from './walk.ts';

export { storageOfTensor } from './walk.ts';

/**
 * Sees the result of every primitive as it is computed, and says what to go on with: the oracle of
 * the tests perturbs it.
 */
export type Observe = (
  equation: Equation,
  operands: readonly ReferenceArray[],
  result: ReferenceArray,
) => Data;

/**
 * Evaluates a Program equation by equation in plain JavaScript: each primitive by its own
 * `reference` rule (or, without one, by its decomposition), loops as loops. Nothing is fused,
 * reordered or shared, so that there is little to get wrong.
 */
export function interpret(
  program: Program,
  inputs: readonly ValueStorage[],
  observe: Observe = (_equation, _operands, result) => result.data,
): readonly ValueStorage[] {
  return walk(program, inputs, {
    evaluate: (equation, operands) => {
      const primitive = primitiveOf(equation.operation);
      if (primitive.host) return runHost(equation, operands);
      const { reference } = lawsOf(primitive);
      const [output] = equation.outputs;
      if (!reference || !output) return undefined;
      const arrays = equation.inputs.map((input, i) => ({
        type: denseType(input.type),
        data: dense(operands[i]).data,
      }));
      const type = denseType(output.type);
      const data = reference(arrays, type, equation.params);
      return [{ kind: 'dense', data: observe(equation, arrays, { type, data }) }];
    },
    tooManySteps: ({ operation }, maxSteps) =>
      new RangeError(
        `${operation.name}: the condition still holds after maxSteps = ${maxSteps} steps. Raise maxSteps, or check that the loop converges.`,
      ),
  });
}
