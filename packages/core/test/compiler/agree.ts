import { expect } from 'vitest';
import { interpret } from '../../src/backends/reference/interpret.ts';
import { lowerProgram } from '../../src/compiler/compile.ts';
import type { KernelModule } from '../../src/kernel/statement.ts';
import type { Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { allocate, type Data } from '../../src/tensor/dtype.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { Symbolic, type ValueStorage } from '../../src/tensor/storage.ts';
import { makeTensor } from '../../src/tensor/tensor.ts';
import type { ValueType } from '../../src/tensor/type.ts';
import { interpretModule, type Statistics, type Value } from './interpret-kernels.ts';

/** Elements that differ from each other, with signs, whole numbers and fractions. */
export function sampleOf(type: ValueType, seed = 1): Data {
  if (type.kind === 'stack') throw new Error('give the elements of stacks yourself');
  const data = allocate(type.dtype, sizeOf(type.shape));
  for (let i = 0; i < data.length; i++) {
    const x = Math.sin(12.9898 * (i + 1) + 78.233 * seed) * 43758.5453;
    const unit = x - Math.floor(x);
    if (type.dtype === 'bool') data[i] = unit < 0.5 ? 1 : 0;
    else if (type.dtype === 'int32') data[i] = Math.floor(unit * 19) - 9;
    else data[i] = unit * 4 - 2;
  }
  return data;
}

/** Compiles a Program and asserts that its kernels compute what its primitives say. */
export function expectAgreement(
  program: Program,
  inputs: readonly Value[] = program.inputs.map(({ type }, i) => sampleOf(type, i + 1)),
): { module: KernelModule; statistics: Statistics; outputs: Value[] } {
  verify(program);
  const module = lowerProgram(program);
  const depths = program.outputs.map(({ type }) => Number(type.kind === 'stack'));
  const { outputs, statistics } = interpretModule(module, inputs, depths);
  const expected = evaluateProgram(program, inputs);
  expectClose(outputs, expected);
  expectClose(runCompiled(program, inputs), expected);
  return { module, statistics, outputs };
}

/** Runs a Program equation by equation. */
export function evaluateProgram(program: Program, inputs: readonly Value[]): Value[] {
  return interpret(program, inputs.map(toStorage)).map(fromStorage);
}

const executor = new WasmExecutor();

/** Runs a Program as compiled code. */
export function runCompiled(program: Program, inputs: readonly Value[]): Value[] {
  const tensors = program.inputs.map(({ type }, i) =>
    makeTensor(type, toStorage(inputs[i] ?? new Float64Array())),
  );
  return executor.run(program, tensors).map(({ source }) => {
    if (source instanceof Symbolic) throw new Error('a result is not concrete');
    return fromStorage(source);
  });
}

function toStorage(value: Value): ValueStorage {
  if ('elements' in value) return { kind: 'stack', elements: value.elements.map(toStorage) };
  return { kind: 'dense', data: value };
}

function fromStorage(storage: ValueStorage): Value {
  if (storage.kind === 'dense') return storage.data;
  return { elements: storage.elements.map(fromStorage) };
}

/** Asserts equal shapes and values that differ by rounding only. */
export function expectClose(actual: readonly Value[], expected: readonly Value[]): void {
  compare(actual, expected, (x, y, single) => {
    return Object.is(x, y) || Math.abs(x - y) <= (single ? 1e-5 : 1e-12) * Math.max(1, Math.abs(x));
  });
}

/** Asserts equal shapes and bits. */
export function expectExact(actual: readonly Value[], expected: readonly Value[]): void {
  compare(actual, expected, (x, y) => Object.is(x, y));
}

function compare(
  actual: readonly Value[],
  expected: readonly Value[],
  agree: (x: number, y: number, single: boolean) => boolean,
): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    const got = actual[i];
    if (got === undefined) throw new Error('a result is missing');
    if ('elements' in value || 'elements' in got) {
      if (!('elements' in value && 'elements' in got)) throw new Error('one of them is a stack');
      compare(got.elements, value.elements, agree);
      return;
    }
    expect(got.length).toBe(value.length);
    expect(got.constructor).toBe(value.constructor);
    value.forEach((x, k) => {
      const y = got[k] ?? Number.NaN;
      if (!agree(x, y, value instanceof Float32Array)) {
        throw new Error(`result ${i}, element ${k}: ${y}, expected ${x}`);
      }
    });
  });
}
