import type { RealmMemory } from '../backends/wasm/memory.ts';
import type { HostCall } from '../kernel/statement.ts';
import { primitiveOf } from '../primitives/define.ts';
import type { Program } from '../program/program.ts';
import { Symbolic } from '../tensor/storage.ts';
import { makeTensor, type Tensor } from '../tensor/tensor.ts';
import { Environment } from '../trace/trace.ts';
import { readValue, writeValue } from './marshal.ts';

/** How to run a Program that is one call of JavaScript, for which there is nothing to compile. */
export function hostProgram(
  program: Program,
): ((inputs: readonly Tensor[]) => readonly Tensor[]) | undefined {
  const [equation] = program.equations;
  if (!equation?.operation.onHost || program.equations.length > 1) return undefined;
  const { host } = primitiveOf(equation.operation);
  return (inputs) => {
    const values = new Environment();
    values.define(program.inputs, inputs);
    const operands = equation.inputs.map((input) => values.read(input));
    values.define(equation.outputs, host?.(operands, equation.params) ?? []);
    return program.outputs.map((output) => values.read(output));
  };
}

/** JavaScript functions as compiled code calls them: with the addresses of operands and results. */
export function hostFunctions(
  calls: readonly HostCall[],
  realm: RealmMemory,
): ((...addresses: number[]) => void)[] {
  return calls.map(({ operation, operands, results, run }) => (...addresses) => {
    const place = (i: number): number => (addresses[i] ?? 0) >>> 0;
    const before = realm.memory.buffer;
    const given = operands.map((type, i) => makeTensor(type, readValue(before, place(i), type)));
    const made = run(given);
    // The function may have made calls of its own, for which memory grew.
    const after = realm.memory.buffer;
    results.forEach((type, i) => {
      const source = made[i]?.source;
      if (!source || source instanceof Symbolic)
        throw new Error(`${operation} gave no result ${i}.`);
      writeValue(after, place(operands.length + i), type, source);
    });
  });
}
