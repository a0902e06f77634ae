import { broadcast } from '../primitives/broadcast.ts';
import { filled } from '../primitives/create.ts';
import { type Batched, type Primitive, primitiveOf } from '../primitives/define.ts';
import { select } from '../primitives/select.ts';
import { identities } from '../primitives/triangle.ts';
import { type Atom, type Params, type Program, subprograms, type Var } from '../program/program.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { stackType, type TensorType, tensorType, type ValueType } from '../tensor/type.ts';
import { bind, Environment, fromSourceOf } from '../trace/trace.ts';
import { vmapLinear } from './batched-linear.ts';
import { decomposition } from './linearize-program.ts';

/**
 * Evaluates a Program on inputs of which some carry a leading batch axis of extent `size`: each
 * equation that sees the axis is replaced by its batched form, the others stay as they are.
 *
 * With `running`, a bool for each entry, the results of the other entries are not going to be used:
 * they take no steps in loops, and their operands are replaced where these could do harm. At least
 * one entry has to be running.
 */
export function vmapInto(
  program: Program,
  inputs: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
  running?: Tensor,
): Batched {
  const environment = new Environment();
  environment.define(program.inputs, inputs);
  const withAxis = new Set<Var>(program.inputs.filter((_, i) => batched[i]));
  const hasAxis = (atom: Atom): boolean => atom.kind === 'var' && withAxis.has(atom);

  for (const equation of program.equations) {
    const { operation, inputs: atoms, params, outputs } = equation;
    const operands = atoms.map((atom) => environment.read(atom));
    if (!atoms.some(hasAxis)) {
      environment.define(
        outputs,
        fromSourceOf(equation, () => bind(operation, operands, params)),
      );
      continue;
    }
    const primitive = primitiveOf(operation);
    const flags = atoms.map(hasAxis);
    const result = fromSourceOf(equation, () => {
      if (primitive.vmap) {
        const { idle = [] } = primitive;
        const harmless = operands.map((x, i) => {
          const value = flags[i] ? idle[i] : undefined;
          return running === undefined || value === undefined || value === null
            ? x
            : keepWhere(running, x, harmlessLike(typeOf(x), value));
        });
        const asked = running && mindsIdle(primitive, params) ? running : undefined;
        return primitive.vmap(harmless, flags, params, size, asked);
      }
      const without = primitive.transpose ? vmapLinear : vmapParts;
      return without(primitive, operands, flags, params, size, running);
    });
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

/** Whether it makes a difference which entries of a batch an operation runs for. */
function mindsIdle({ idle }: Primitive, params: Params): boolean {
  return idle !== undefined || subprograms(params).some(mindsIdleEntries);
}

/** Whether it makes a difference which entries of a batch a Program runs for. */
export function mindsIdleEntries({ equations }: Program): boolean {
  return equations.some(({ operation, params }) => mindsIdle(primitiveOf(operation), params));
}

/** A number everywhere, or identity matrices. */
function harmlessLike(type: TensorType, value: number | 'identity'): Tensor {
  return value === 'identity' ? identities(type) : filled(type, value);
}

/** `value` in the entries of the batch that are running, `other` in the rest. */
export function keepWhere(running: Tensor, value: Tensor, other: Tensor): Tensor {
  return select(broadcast(running, { shape: value.shape, axes: [0] }), value, other);
}

/** A primitive on a batch by what it is composed of. */
export function vmapParts(
  primitive: Primitive,
  operands: readonly Tensor[],
  batched: readonly boolean[],
  params: Params,
  size: number,
  running?: Tensor,
): Batched {
  const types = operands.map(({ type }, i) => (batched[i] ? entryType(type) : type));
  const { program, captures } = decomposition(primitive, types, params);
  const flags = [...captures.map(() => false), ...batched];
  return vmapInto(program, [...captures, ...operands], flags, size, running);
}

/** The type of one entry of a batch. */
export function entryType(type: ValueType): ValueType {
  if (type.kind === 'stack') return stackType(entryType(type.element));
  return tensorType(type.dtype, type.shape.slice(1), type.weak);
}
