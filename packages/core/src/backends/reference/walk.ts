import { isLength, scanParams, switchParams, whileParams } from '../../compiler/loop-equations.ts';
import { splitScan } from '../../flow/split-scan.ts';
import { splitWhile } from '../../flow/while-operation.ts';
import { primitiveOf } from '../../primitives/define.ts';
import type { ScanParams, WhileParams } from '../../program/loops.ts';
import {
  type Atom,
  type Equation,
  inputTypes,
  type Program,
  type Var,
} from '../../program/program.ts';
import { allocate, toDtype } from '../../tensor/dtype.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { type DenseStorage, Elements, Symbolic, type ValueStorage } from '../../tensor/storage.ts';
import { makeTensor, type Tensor } from '../../tensor/tensor.ts';
import { formatType, type TensorType, type ValueType } from '../../tensor/type.ts';
import { fromSourceOf, type TracedProgram } from '../../trace/trace.ts';
import { decomposition } from '../../transforms/linearize-program.ts';

/** What there is to say about a Program that is evaluated equation by equation. */
export interface Evaluator {
  /** The results of an equation; undefined for one that is to be taken apart. */
  evaluate(equation: Equation, operands: readonly ValueStorage[]): ValueStorage[] | undefined;
  /** Runs a step of a loop, by the number of its elements. */
  step?<T>(loop: Equation, step: number, run: () => T): T;
  /** The error when a loop takes more steps than it may. */
  tooManySteps(loop: Equation, maxSteps: number): Error;
}

/** Evaluates a Program equation by equation, loops step by step. */
export function walk(
  program: Program,
  inputs: readonly ValueStorage[],
  evaluator: Evaluator,
): ValueStorage[] {
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
    const results = walkEquation(equation, equation.inputs.map(read), evaluator);
    equation.outputs.forEach((output, i) => {
      values.set(output, present(results[i]));
    });
  }
  return program.outputs.map(read);
}

/** The results of an operation that runs in JavaScript. */
export function runHost(
  { operation, inputs, params }: Equation,
  operands: readonly ValueStorage[],
): ValueStorage[] {
  const given = inputs.map(({ type }, i) => makeTensor(type, present(operands[i])));
  return present(primitiveOf(operation).host)(given, params).map(storageOfTensor);
}

/** The elements of a concrete tensor, to keep: a copy of those that live in a backend's memory. */
export function storageOfTensor({ source }: Tensor): ValueStorage {
  const storage = source instanceof Symbolic ? source.concrete('interpret') : source;
  const moves = storage instanceof Elements && storage.home !== undefined;
  return moves ? new Elements(storage.data.slice()) : storage;
}

function walkEquation(
  equation: Equation,
  operands: readonly ValueStorage[],
  evaluator: Evaluator,
): readonly ValueStorage[] {
  const scan = scanParams(equation);
  if (scan) return walkScan(scan, equation, operands, evaluator);
  const loop = whileParams(equation);
  if (loop) return walkWhile(loop, equation, operands, evaluator);
  const choice = switchParams(equation);
  if (choice) {
    const index = dense(operands[0]).data[0] ?? 0;
    const last = choice.branches.length - 1;
    const branch = present(choice.branches[Math.min(Math.max(index, 0), last)]);
    return walk(branch, operands.slice(1), evaluator);
  }
  if (isLength(equation)) {
    const [stack] = operands;
    if (stack?.kind !== 'stack') throw new Error('unreachable');
    return [{ kind: 'dense', data: Int32Array.of(stack.elements.length) }];
  }
  const results = evaluator.evaluate(equation, operands);
  if (results) return results;
  const { program, captures } = partsOf(equation);
  return walk(program, [...captures.map(storageOfTensor), ...operands], evaluator);
}

const decompositions = new WeakMap<Equation, TracedProgram>();

function partsOf(equation: Equation): TracedProgram {
  let parts = decompositions.get(equation);
  if (parts === undefined) {
    const types = equation.inputs.map((input) => input.type);
    const primitive = primitiveOf(equation.operation);
    parts = fromSourceOf(equation, () => decomposition(primitive, types, equation.params));
    decompositions.set(equation, parts);
  }
  return parts;
}

function inStep<T>(evaluator: Evaluator, loop: Equation, step: number, run: () => T): T {
  return evaluator.step ? evaluator.step(loop, step, run) : run();
}

function walkScan(
  params: ScanParams,
  equation: Equation,
  operands: readonly ValueStorage[],
  evaluator: Evaluator,
): readonly ValueStorage[] {
  const { count, consts, carry: start, xs } = splitScan(operands, params);
  const length = params.length ?? dense(count[0]).data[0] ?? 0;
  const elements = inputTypes(params.body).slice(params.consts + params.carry);
  const ys = params.body.outputs.slice(params.carry).map((): ValueStorage[] => []);
  let carry = start;
  for (let step = 0; step < length; step++) {
    const at = params.reverse ? length - 1 - step : step;
    const x = xs.map((all, i) => elementOf(all, at, elements[i]));
    const given = [...consts, ...carry, ...x];
    const results = inStep(evaluator, equation, at, () => walk(params.body, given, evaluator));
    carry = results.slice(0, params.carry);
    ys.forEach((all, i) => {
      all[at] = present(results[params.carry + i]);
    });
  }
  const collected = ys.map((all, i) => collect(all, equation.outputs[params.carry + i]?.type));
  return [...carry, ...collected];
}

function walkWhile(
  params: WhileParams,
  equation: Equation,
  operands: readonly ValueStorage[],
  evaluator: Evaluator,
): readonly ValueStorage[] {
  const { condConsts, bodyConsts, carry: start } = splitWhile(operands, params);
  const { cond, body, maxSteps } = params;
  const ys = body.outputs.slice(params.carry).map((): ValueStorage[] => []);
  let carry = start;
  let steps = 0;
  for (;;) {
    const given = carry;
    const step = <T>(run: () => T): T => inStep(evaluator, equation, steps, run);
    const [test] = step(() => walk(cond, [...condConsts, ...given], evaluator));
    if (dense(test).data[0] !== 1) break;
    if (maxSteps !== null && steps === maxSteps) throw evaluator.tooManySteps(equation, maxSteps);
    const results = step(() => walk(body, [...bodyConsts, ...given], evaluator));
    steps += 1;
    carry = results.slice(0, params.carry);
    results.slice(params.carry).forEach((y, i) => {
      ys[i]?.push(y);
    });
  }
  const stacks = ys.map((elements): ValueStorage => ({ kind: 'stack', elements }));
  return [...carry, { kind: 'dense', data: Int32Array.of(steps) }, ...stacks];
}

function elementOf(all: ValueStorage, at: number, type: ValueType | undefined): ValueStorage {
  if (all.kind === 'stack') return all.elements[at] ?? zerosOf(type);
  const size = sizeOf(denseType(type).shape);
  return { kind: 'dense', data: all.data.slice(at * size, (at + 1) * size) };
}

/** What an empty stack, which stands for zeros, has as its elements. */
function zerosOf(type: ValueType | undefined): ValueStorage {
  if (type?.kind === 'stack') return { kind: 'stack', elements: [] };
  const { dtype, shape } = denseType(type);
  return { kind: 'dense', data: allocate(dtype, sizeOf(shape)) };
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

export function dense(storage: ValueStorage | undefined): DenseStorage {
  if (storage?.kind === 'dense') return storage;
  throw new Error('A stack was given where an array is needed.');
}

export function denseType(type: ValueType | undefined): TensorType {
  if (type?.kind === 'tensor') return type;
  throw new Error(`${type ? formatType(type) : 'nothing'} was given where an array is needed.`);
}
