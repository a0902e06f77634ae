// What the laws are tested on gives the same bits with any number of threads.

import { setThreads, vmap } from '@grad/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Program } from '../../src/program/program.ts';
import { withThreads } from '../../src/runtime/threads-wanted.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type Executor, setExecutor } from '../../src/trace/executor.ts';
import { bind, trace } from '../../src/trace/trace.ts';
import { type Case, casesOf, primitives, programOf } from '../laws/cases.ts';
import { tinyGrain } from './workers.ts';

/** Parts so small that threads share even most samples. */
const many = new WasmExecutor({ grain: tinyGrain });
const alone = new WasmExecutor();

let before: Executor | undefined;
beforeAll(async () => {
  before = setExecutor(many);
  expect(await setThreads(8)).toBe(8);
});
afterAll(async () => {
  await setThreads(1);
  if (before) setExecutor(before);
});

/** Elements as they are, so that NaNs count as equal and zeros of two signs do not. */
function bitsOf(results: readonly Tensor[]): unknown[] {
  return results.map((x) => [x.dtype, x.shape, x.dataSync()]);
}

function expectSameBits(title: string, program: Program, inputs: readonly Tensor[]): void {
  const expected = bitsOf(withThreads(1, () => alone.run(program, inputs)));
  for (const count of [1, 2, 4, 8]) {
    const results = withThreads(count, () => many.run(program, inputs));
    expect(bitsOf(results), `${title}, ${count} threads`).toEqual(expected);
  }
}

/** The case for a batch of several times the same operands, which is more work to share. */
function batchOf({ primitive, params, operands }: Case): Program {
  const types = operands.map(({ type }) => type);
  const one = (...xs: readonly Tensor[]): readonly Tensor[] => bind(primitive, xs, params);
  const batch = 9;
  return trace(
    types,
    (...xs) => {
      const wide = xs.map((x) => vmap(() => x, { axisSize: batch })());
      return vmap<readonly Tensor[], readonly Tensor[]>(one)(...wide);
    },
    { name: primitive.name },
  ).program;
}

describe.each(primitives.map((primitive) => [primitive.name, primitive] as const))(
  '%s',
  (_, primitive) => {
    test('has the same bits with 1, 2, 4 and 8 threads', () => {
      for (const sample of casesOf(primitive)) {
        expectSameBits(sample.title, programOf(sample, sample.operands), sample.operands);
      }
    });

    test('has them in a batch', () => {
      const [sample] = casesOf(primitive).toSorted((a, b) => sizeOf(b) - sizeOf(a));
      if (sample === undefined) throw new Error('no samples');
      if (sample.operands.length === 0) return;
      expectSameBits(sample.title, batchOf(sample), sample.operands);
    });
  },
);

function sizeOf({ operands }: Case): number {
  return operands.reduce((sum, { size }) => sum + size, 0);
}
