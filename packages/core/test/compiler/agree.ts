import { expect } from 'vitest';
import { lowerProgram } from '../../src/compiler/compile.ts';
import type { KernelModule } from '../../src/kernel/statement.ts';
import type { Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import { allocate, type Data } from '../../src/tensor/dtype.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import type { ValueType } from '../../src/tensor/type.ts';
import { evaluateProgram } from './evaluate-program.ts';
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
  expectClose(outputs, evaluateProgram(program, inputs));
  return { module, statistics, outputs };
}

export function expectClose(actual: readonly Value[], expected: readonly Value[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    const got = actual[i];
    if (got === undefined) throw new Error('a result is missing');
    if ('elements' in value || 'elements' in got) {
      if (!('elements' in value && 'elements' in got)) throw new Error('one of them is a stack');
      expectClose(got.elements, value.elements);
      return;
    }
    expect(got.length).toBe(value.length);
    expect(got.constructor).toBe(value.constructor);
    value.forEach((x, k) => {
      const y = got[k] ?? Number.NaN;
      const unit = value instanceof Float32Array ? 1e-5 : 1e-12;
      const close = Object.is(x, y) || Math.abs(x - y) <= unit * Math.max(1, Math.abs(x));
      if (!close) throw new Error(`result ${i}, element ${k}: ${y}, expected ${x}`);
    });
  });
}
