import { scanParams, switchParams, whileParams } from '../../compiler/loop-equations.ts';
import type { ScanParams, WhileParams } from '../../flow/operations.ts';
import { splitScan } from '../../flow/scan-operation.ts';
import { splitWhile } from '../../flow/while-operation.ts';
import { type Primitive, primitiveOf, type ReferenceArray } from '../../primitives/define.ts';
import {
  type Atom,
  type Equation,
  inputTypes,
  type Program,
  type Var,
} from '../../program/program.ts';
import { allocate, type Data, toDtype } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { type DenseStorage, Symbolic, type ValueStorage } from '../../tensor/storage.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { formatType, type TensorType, type ValueType } from '../../tensor/type.ts';
import { fromSourceOf, type TracedProgram } from '../../trace/trace.ts';
import { decomposition } from '../../transforms/linearize-program.ts';

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
  if (inputs.length !== program.inputs.length) {
    throw new Error(`A Program of ${program.inputs.length} inputs was given ${inputs.length}.`);
  }
  const values = new Map<Var, ValueStorage>();
  program.inputs.forEach((input, i) => {
    values.set(input, present(inputs[i]));
  });
  const read = (atom: Atom): ValueStorage =>
    atom.kind === 'literal' ? scalarStorage(atom.value, atom.type) : present(values.get(atom));
  for (const equation of program.equations) {
    const results = interpretEquation(equation, equation.inputs.map(read), observe);
    equation.outputs.forEach((output, i) => {
      values.set(output, present(results[i]));
    });
  }
  return program.outputs.map(read);
}

/** The elements of a concrete tensor. */
export function storageOfTensor({ source }: Tensor): ValueStorage {
  return source instanceof Symbolic ? source.concrete('interpret') : source;
}

function interpretEquation(
  equation: Equation,
  operands: readonly ValueStorage[],
  observe: Observe,
): readonly ValueStorage[] {
  const scan = scanParams(equation);
  if (scan) return interpretScan(scan, equation, operands, observe);
  const loop = whileParams(equation);
  if (loop) return interpretWhile(loop, equation, operands, observe);
  const choice = switchParams(equation);
  if (choice) {
    const index = dense(operands[0]).data[0] ?? 0;
    const last = choice.branches.length - 1;
    const branch = present(choice.branches[Math.min(Math.max(index, 0), last)]);
    return interpret(branch, operands.slice(1), observe);
  }

  const primitive = primitiveOf(equation.operation);
  const [output] = equation.outputs;
  if (primitive.reference && output) {
    const arrays = equation.inputs.map((input, i) => ({
      type: denseType(input.type),
      data: dense(operands[i]).data,
    }));
    const type = denseType(output.type);
    const data = primitive.reference(arrays, type, equation.params);
    return [{ kind: 'dense', data: observe(equation, arrays, { type, data }) }];
  }
  const { program, captures } = partsOf(primitive, equation);
  return interpret(program, [...captures.map(storageOfTensor), ...operands], observe);
}

const decompositions = new WeakMap<Equation, TracedProgram>();

function partsOf(primitive: Primitive, equation: Equation): TracedProgram {
  let parts = decompositions.get(equation);
  if (parts === undefined) {
    const types = equation.inputs.map((input) => input.type);
    parts = fromSourceOf(equation, () => decomposition(primitive, types, equation.params));
    decompositions.set(equation, parts);
  }
  return parts;
}

function interpretScan(
  params: ScanParams,
  equation: Equation,
  operands: readonly ValueStorage[],
  observe: Observe,
): readonly ValueStorage[] {
  const { count, consts, carry: start, xs } = splitScan(operands, params);
  const length = params.length ?? dense(count[0]).data[0] ?? 0;
  const elements = inputTypes(params.body).slice(params.consts + params.carry);
  const ys = params.body.outputs.slice(params.carry).map((): ValueStorage[] => []);
  let carry = start;
  for (let step = 0; step < length; step++) {
    const at = params.reverse ? length - 1 - step : step;
    const x = xs.map((all, i) => elementOf(all, at, elements[i]));
    const results = interpret(params.body, [...consts, ...carry, ...x], observe);
    carry = results.slice(0, params.carry);
    ys.forEach((all, i) => {
      all[at] = present(results[params.carry + i]);
    });
  }
  const collected = ys.map((all, i) => collect(all, equation.outputs[params.carry + i]?.type));
  return [...carry, ...collected];
}

function interpretWhile(
  params: WhileParams,
  { operation }: Equation,
  operands: readonly ValueStorage[],
  observe: Observe,
): readonly ValueStorage[] {
  const { condConsts, bodyConsts, carry: start } = splitWhile(operands, params);
  const { cond, body, maxSteps } = params;
  const ys = body.outputs.slice(params.carry).map((): ValueStorage[] => []);
  let carry = start;
  let steps = 0;
  while (dense(interpret(cond, [...condConsts, ...carry], observe)[0]).data[0] === 1) {
    if (maxSteps !== null && steps === maxSteps) {
      throw new RangeError(
        `${operation.name}: the condition still holds after maxSteps = ${maxSteps} steps. Raise maxSteps, or check that the loop converges.`,
      );
    }
    steps += 1;
    const results = interpret(body, [...bodyConsts, ...carry], observe);
    carry = results.slice(0, params.carry);
    results.slice(params.carry).forEach((y, i) => {
      ys[i]?.push(y);
    });
  }
  const stacks = ys.map((elements): ValueStorage => ({ kind: 'stack', elements }));
  return [...carry, { kind: 'dense', data: Int32Array.of(steps) }, ...stacks];
}

function elementOf(all: ValueStorage, at: number, type: ValueType | undefined): ValueStorage {
  if (all.kind === 'stack') return present(all.elements[at]);
  const size = sizeOf(denseType(type).shape);
  return { kind: 'dense', data: all.data.slice(at * size, (at + 1) * size) };
}

function collect(elements: readonly ValueStorage[], type: ValueType | undefined): ValueStorage {
  if (type?.kind !== 'tensor') return { kind: 'stack', elements };
  const data = allocate(type.dtype, sizeOf(type.shape));
  const size = sizeOf(type.shape.slice(1));
  elements.forEach((element, i) => {
    data.set(dense(element).data, i * size);
  });
  return { kind: 'dense', data };
}

function scalarStorage(value: number, type: TensorType): DenseStorage {
  const data = allocate(type.dtype, 1);
  data[0] = toDtype(type.dtype, value);
  return { kind: 'dense', data };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A value of the Program is missing.');
  return value;
}

function dense(storage: ValueStorage | undefined): DenseStorage {
  if (storage?.kind === 'dense') return storage;
  throw new Error('A stack was given where an array is needed.');
}

function denseType(type: ValueType | undefined): TensorType {
  if (type?.kind === 'tensor') return type;
  throw new Error(`${type ? formatType(type) : 'nothing'} was given where an array is needed.`);
}
