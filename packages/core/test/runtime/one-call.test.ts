import {
  at,
  einsum,
  logSoftmax,
  logsumexp,
  matmul,
  mean,
  pad,
  prod,
  relu,
  roll,
  softmax,
  split,
  stack,
  std,
  sum,
  type Tensor,
  tensor,
  tile,
  variance,
} from '@grad/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { type Executor, setExecutor } from '../../src/trace/executor.ts';

const x = tensor([
  [1, 2, 4],
  [0, -1, 3],
]);
const v = tensor([1, 10, 100]);

const functions: Readonly<Record<string, [f: () => Tensor, result: unknown]>> = {
  matmul: [() => matmul(x, v), [421, 290]],
  einsum: [
    () => einsum('ij,kj->ik', x, x),
    [
      [21, 10],
      [10, 10],
    ],
  ],
  'sum with keepdims': [() => sum(x, { axis: 1, keepdims: true }), [[7], [2]]],
  mean: [() => mean(x, { axis: 0 }), [0.5, 0.5, 3.5]],
  variance: [() => variance(x, { axis: 0 }), [0.25, 2.25, 0.25]],
  std: [() => std(x, { axis: 0 }), [0.5, 1.5, 0.5]],
  prod: [() => prod(x, { axis: 1 }), [8, -0]],
  softmax: [() => softmax(tensor([0, 0])), [0.5, 0.5]],
  logSoftmax: [() => logSoftmax(tensor([0, 0])), [-Math.LN2, -Math.LN2]],
  logsumexp: [() => logsumexp(tensor([0, 0])), Math.LN2],
  relu: [
    () => relu(x),
    [
      [1, 2, 4],
      [0, 0, 3],
    ],
  ],
  at: [() => at(x, 1, [0, 2]), [0, -1]],
  stack: [
    () => stack([v, v], { axis: 1 }),
    [
      [1, 1],
      [10, 10],
      [100, 100],
    ],
  ],
  roll: [
    () => roll(x, [1, 1], { axis: [0, 1] }),
    [
      [3, 0, -1],
      [4, 1, 2],
    ],
  ],
  tile: [() => tile(v, 2), [1, 10, 100, 1, 10, 100]],
  pad: [() => pad(v, 1, { value: 7.5 }), [7.5, 1, 10, 100, 7.5]],
};

let before: Executor | undefined;
let executor = new WasmExecutor();

beforeEach(() => {
  executor = new WasmExecutor();
  before = setExecutor(executor);
});

afterEach(() => {
  if (before) setExecutor(before);
});

describe('outside of transforms', () => {
  it.each(Object.entries(functions))('%s is one call', (_, [f, result]) => {
    const run = vi.spyOn(executor, 'run');
    expect(f().toArray()).toEqual(result);
    expect(run).toHaveBeenCalledTimes(1);
    f();
    expect(run).toHaveBeenCalledTimes(2);
    expect(executor.compiledPrograms).toBe(1);
  });

  it('split is one call for all of its parts', () => {
    const run = vi.spyOn(executor, 'run');
    expect(split(v, [1]).map((part) => part.toArray())).toEqual([[1], [10, 100]]);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('a number that is no shape is data, and another one does not compile anew', () => {
    const calls: ((value: number) => unknown)[] = [
      (value) => pad(v, 1, { value }),
      (value) => v.mul(value),
      (value) => v.add(value).at(2),
    ];
    for (const call of calls) {
      call(3.5);
      const known = executor.compiledPrograms;
      call(4.5);
      expect(executor.compiledPrograms).toBe(known);
    }
  });
});
