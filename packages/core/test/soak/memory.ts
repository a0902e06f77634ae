// Working sets of 3.5 GiB, of the 4 GiB that WebAssembly memory has: they work, and give what the
// same computation in little memory gives. What is larger fails with an OutOfMemoryError, after
// which everything goes on.

import { freemem } from 'node:os';
import {
  arange,
  cumsum,
  foriLoop,
  grad,
  jit,
  OutOfMemoryError,
  ones,
  sin,
  sum,
  type Tensor,
  tensor,
} from '@grad/core';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { setExecutor } from '../../src/trace/executor.ts';

const gibibyte = 2 ** 30;

/** What a run of all of it needs: the memory itself, and copies in arrays of JavaScript's. */
const needed = 9 * gibibyte;

function expectEqual(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${what}: ${actual} is not ${expected}`);
}

/** 0, 1, 2, ... as float64, in an array of JavaScript's. */
function counted(length: number): Tensor {
  const data = new Float64Array(length);
  for (let i = 0; i < length; i++) data[i] = i;
  return tensor(data);
}

/** A loop of steps on a state of 8 MiB. */
const loop = (steps: number, checkpoint: 'store' | 'online') =>
  grad((x: Tensor) =>
    sum(foriLoop(0, steps, (_, c: Tensor) => c.mul(c).mul(0.5).add(x), x, { checkpoint })),
  );

const runs: { readonly [name: string]: () => string } = {
  'arguments, results and work of one call': () => {
    // 2 GiB of arguments, 1 GiB of a result, 0.5 GiB between.
    const length = 2 ** 27;
    const [x, y] = [counted(length), ones([length])];
    const f = jit((a: Tensor, b: Tensor) => {
      return [a.mul(2).add(b), cumsum(b.astype('int32'), { axis: 0 }).at(-1)];
    });
    const [result, last] = f(x, y);
    if (!result || !last) throw new Error('no result');
    result.read((data) => {
      for (let i = 0; i < length; i++) {
        if (data[i] !== 2 * i + 1) throw new Error(`element ${i} is ${data[i]}`);
      }
    });
    expectEqual('a running sum', last.item(), length);
    return 'every element is right';
  },
  'states that a loop keeps for its derivative': () => {
    // 8 MiB for each of 440 steps, or for a fifteenth of them.
    const x = sin(arange(2 ** 20).astype('float64'));
    const stored = jit(loop(440, 'store'))(x);
    const recomputed = jit(loop(440, 'online'))(x);
    expectEqual('a difference', sum(stored.ne(recomputed).astype('int32')).item(), 0);
    return 'the gradient has the bits that it has with checkpoints';
  },
  'tensors between calls, of which most move out': () => {
    const parts = Array.from({ length: 14 }, (_, i) => ones([2 ** 25]).mul(i + 1));
    parts.forEach((part, i) => {
      expectEqual(`part ${i}`, sum(part).item(), (i + 1) * 2 ** 25);
    });
    return 'all have their elements';
  },
};

const tooLarge: { readonly [name: string]: () => unknown } = {
  'a tensor of 4 GiB': () => ones([2 ** 29]),
  'the work of a call': () =>
    jit((x: Tensor) => cumsum(cumsum(x, { axis: 0 }), { axis: 0 }).at(-1))(ones([2 ** 28])),
  'states that a loop keeps for its derivative': () =>
    jit(loop(600, 'store'))(sin(arange(2 ** 20).astype('float64'))),
};

function expectShortage(name: string, run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof OutOfMemoryError) return error.message;
    throw error;
  }
  throw new Error(`${name}: did not fail`);
}

/** Runs all of it, each in a memory of its own. */
export function runMemory(): void {
  if (freemem() < needed) {
    throw new Error(
      `This needs ${needed / gibibyte} GiB of memory; ${(freemem() / gibibyte).toFixed(1)} GiB are free.`,
    );
  }
  for (const [name, run] of Object.entries(runs)) {
    const executor = new WasmExecutor();
    setExecutor(executor);
    const start = performance.now();
    const outcome = run();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const memory = (executor.bytesReserved / gibibyte).toFixed(2);
    console.log(`3.5 GiB of ${name}: ${outcome}; ${seconds} s, WebAssembly memory ${memory} GiB`);
  }
  setExecutor(new WasmExecutor());
  const before = sum(sin(arange(1000).astype('float64'))).item();
  for (const [name, run] of Object.entries(tooLarge)) {
    console.log(`too much, ${name}: ${expectShortage(name, run)}`);
    expectEqual('a sum after it', sum(sin(arange(1000).astype('float64'))).item(), before);
  }
}
