import { type Batched, primitiveOf } from '../primitives/define.ts';
import type { Atom, Program, Var } from '../program/program.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { bind, Environment } from '../trace/trace.ts';
import { decomposition } from './linearize-program.ts';

/**
 * Evaluates a Program on inputs of which some carry a leading batch axis of extent `size`: each
 * equation that sees the axis is replaced by its batched form, the others stay as they are.
 */
export function vmapInto(
  program: Program,
  inputs: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
): Batched {
  const environment = new Environment();
  environment.define(program.inputs, inputs);
  const withAxis = new Set<Var>(program.inputs.filter((_, i) => batched[i]));
  const hasAxis = (atom: Atom): boolean => atom.kind === 'var' && withAxis.has(atom);

  for (const { operation, inputs: atoms, params, outputs } of program.equations) {
    const operands = atoms.map((atom) => environment.read(atom));
    if (!atoms.some(hasAxis)) {
      environment.define(outputs, bind(operation, operands, params));
      continue;
    }
    const primitive = primitiveOf(operation);
    const flags = atoms.map(hasAxis);
    let result: Batched;
    if (primitive.vmap) {
      result = primitive.vmap(operands, flags, params, size);
    } else {
      const types = atoms.map((atom) => atom.type);
      const { program: parts, captures } = decomposition(primitive, types, params);
      const allFlags = [...captures.map(() => false), ...flags];
      result = vmapInto(parts, [...captures, ...operands], allFlags, size);
    }
    environment.define(outputs, result.outputs);
    outputs.forEach((output, i) => {
      if (result.batched[i]) withAxis.add(output);
    });
  }
  return {
    outputs: program.outputs.map((output) => environment.read(output)),
    batched: program.outputs.map(hasAxis),
  };
}
