import { describe, expect, it } from 'vitest';
import { scanOperation } from '../../src/flow/scan-operation.ts';
import { whileOperation } from '../../src/flow/while-operation.ts';
import { add, lt, mul, neg, reduceSum, take } from '../../src/primitives/index.ts';
import type { Program } from '../../src/program/program.ts';
import { IndexError, StepLimitError } from '../../src/runtime/call-failure.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { Symbolic, type ValueStorage } from '../../src/tensor/storage.ts';
import { fromData, makeTensor, type Tensor } from '../../src/tensor/tensor.ts';
import { stackType, tensorType, type ValueType } from '../../src/tensor/type.ts';
import { bind, literalOf, trace } from '../../src/trace/trace.ts';

const f64 = (...shape: number[]): ValueType => tensorType('float64', shape);
const int = tensorType('int32', []);

function record(
  types: readonly ValueType[],
  body: (...xs: Tensor[]) => readonly Tensor[],
): Program {
  return trace(types, body, { name: 'test' }).program;
}

function vector(...values: number[]): Tensor {
  return fromData('float64', [values.length], Float64Array.from(values));
}

function storages(tensors: readonly Tensor[]): ValueStorage[] {
  return tensors.map(({ source }) => {
    if (source instanceof Symbolic) throw new Error('a result is not concrete');
    return source;
  });
}

describe('WasmExecutor', () => {
  it('compiles a Program once, however its variables are called', () => {
    const executor = new WasmExecutor();
    const twice = (): Program => record([f64(3)], (x) => [add(x, x)]);
    for (let i = 0; i < 3; i++) {
      expect(executor.run(twice(), [vector(1, 2, i)])[0]?.toArray()).toEqual([2, 4, 2 * i]);
    }
    expect(executor.compiledPrograms).toBe(1);
  });

  it('forgets the Program that was used least recently', () => {
    const executor = new WasmExecutor({ programs: 2 });
    for (let size = 1; size <= 5; size++) {
      executor.run(
        record([f64(size)], (x) => [neg(x)]),
        [vector(...Array(size).keys())],
      );
    }
    expect(executor.compiledPrograms).toBe(2);
  });

  it('gives results that later calls do not change', () => {
    const executor = new WasmExecutor();
    const program = record([f64(2)], (x) => [neg(x)]);
    const first = executor.run(program, [vector(1, 2)]);
    executor.run(program, [vector(7, 8)]);
    expect(first[0]?.toArray()).toEqual([-1, -2]);
  });

  it('runs on arrays of any size, and gives large memory back', () => {
    const executor = new WasmExecutor({ keptBytes: 2 ** 19, residentBytes: 2 ** 19 });
    for (const size of [0, 1, 300_000, 5, 200_000, 0]) {
      const program = record([f64(size)], (x) => [add(x, x), reduceSum(x, { axes: [0] })]);
      const x = fromData('float64', [size], new Float64Array(size).fill(0.5));
      const [double, sum] = executor.run(program, [x]);
      expect(double?.dataSync()).toEqual(new Float64Array(size).fill(1));
      expect(sum?.item()).toBe(size / 2);
    }
    expect(executor.bytesInUse).toBeLessThanOrEqual(2 ** 20);
  });

  it('names the operation, the index and the extent when an index is out of range', () => {
    const executor = new WasmExecutor();
    const program = record([f64(5), tensorType('int32', [20])], (x, at) => [
      take(x, at, { batch: 0 }),
    ]);
    const at = Int32Array.from({ length: 20 }, (_, i) => (i === 13 ? 5 : 0));
    const run = (): unknown =>
      executor.run(program, [vector(1, 2, 3, 4, 5), fromData('int32', [20], at)]);
    expect(run).toThrow(IndexError);
    expect(run).toThrow('take: index 5 is out of range for an axis of extent 5');
    at[13] = 4;
    expect(executor.run(program, [vector(1, 2, 3, 4, 5), fromData('int32', [20], at)]).length).toBe(
      1,
    );
  });

  const cond = record([f64(12)], (x) => [
    lt(reduceSum(x, { axes: [0] }), literalOf(600, tensorType('float64', []))),
  ]);
  const body = record([f64(12)], (x) => [add(x, x), mul(x, x)]);
  const loop = (maxSteps: number | null): Program =>
    record([f64(12)], (x) =>
      bind(whileOperation, [x], { cond, body, condConsts: 0, bodyConsts: 0, carry: 1, maxSteps }),
    );
  const ones = vector(...Array<number>(12).fill(1));

  it('says that a loop did not end in the steps it was permitted', () => {
    const executor = new WasmExecutor();
    expect(() => executor.run(loop(5), [ones])).toThrow(StepLimitError);
    expect(() => executor.run(loop(5), [ones])).toThrow('maxSteps = 5');
    expect(executor.run(loop(6), [ones])[1]?.item()).toBe(6);
  });

  it('hands stacks out of one Program and into another', () => {
    const executor = new WasmExecutor();
    const [, steps, stack] = executor.run(loop(null), [ones]);
    if (!steps || !stack) throw new Error('no results');
    expect(storages([stack])).toMatchObject([{ elements: Array.from({ length: 6 }, () => ({})) }]);
    const sum = record([f64(12), f64(12)], (total, y) => [add(total, y), y]);
    const back = record([int, f64(12), stackType(f64(12))], (...operands) =>
      bind(scanOperation, operands, {
        body: sum,
        consts: 0,
        carry: 1,
        length: null,
        reverse: true,
      }),
    );
    const [total, again] = executor.run(back, [steps, ones, stack]);
    expect(total?.toArray()).toEqual(Array(12).fill(1 + 1 + 4 + 16 + 64 + 256 + 1024));
    expect(again && storages([again])).toEqual(storages([stack]));
  });

  it('hands stacks of stacks out and in', () => {
    const executor = new WasmExecutor();
    const element = stackType(stackType(f64(2)));
    const dense = (x: number): ValueStorage => ({ kind: 'dense', data: Float64Array.of(x, -x) });
    const stack = (...elements: ValueStorage[]): ValueStorage => ({ kind: 'stack', elements });
    const value = stack(stack(dense(1), dense(2), dense(3)), stack(), stack(dense(4)));
    const program = record([element], (x) => [x]);
    const results = executor.run(program, [makeTensor(element, value)]);
    expect(storages(results)).toEqual([value]);
  });

  it('refuses the wrong number of inputs and inputs of another size', () => {
    const executor = new WasmExecutor();
    const program = record([f64(3)], (x) => [neg(x)]);
    expect(() => executor.run(program, [])).toThrow('1 inputs was given 0');
    expect(() => executor.run(program, [vector(1, 2)])).toThrow('Input 0');
  });
});
