import {
  argmax,
  explain,
  flip,
  grad,
  jit,
  matmul,
  random,
  softmax,
  type Tensor,
  take,
  vmap,
} from '@grad/core';
import { checkGrads, gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import { describe, expect, test } from 'vitest';
import { lowerProgram } from '../../src/compiler/compile.ts';
import { explainModule } from '../../src/compiler/explain.ts';
import type { KernelModule } from '../../src/kernel/statement.ts';
import type { Program } from '../../src/program/program.ts';
import { tensorType } from '../../src/tensor/type.ts';
import { trace } from '../../src/trace/trace.ts';
import { expectExact, runCompiled, sampleOf } from './agree.ts';
import { interpretModule } from './interpret-kernels.ts';

const drawn = (k: number, shape: readonly number[]): Tensor =>
  random.uniform(random.foldIn(random.key(7), k), shape, { low: -1, high: 1 });

function programOf(f: (...x: Tensor[]) => Tensor, ...shapes: (readonly number[])[]): Program {
  const types = shapes.map((shape) => tensorType('float64', shape));
  return trace(types, (...x) => [f(...x)], { name: 'test' }).program;
}

/** Lowers a Program for a cache of a few bytes, and asserts the bits of one without blocks. */
function inBlocks(program: Program, bytes: number): KernelModule {
  const inputs = program.inputs.map(({ type }, i) => sampleOf(type, i + 1));
  const blocks = lowerProgram(program, bytes);
  const whole = lowerProgram(program, Number.POSITIVE_INFINITY);
  expectExact(interpretModule(blocks, inputs).outputs, interpretModule(whole, inputs).outputs);
  return blocks;
}

const loop = /in order for b < (\d+):/;

expect.extend(gradMatchers);

describe('kernels over the same rows', () => {
  test('run for a few rows at a time, and keep what they exchange in memory for those', () => {
    const program = programOf((x) => softmax(x, { axis: 1 }), [40, 30]);
    const blocks = inBlocks(program, 1500);
    const text = explainModule(blocks);
    expect(loop.exec(text)?.[1]).toBe('20');
    expect(blocks.workspaceBytes).toBeLessThan(1500);
    expect(lowerProgram(program, Number.POSITIVE_INFINITY).workspaceBytes).toBeGreaterThan(9600);
  });

  test('compute some rows of the last block again where their number is no multiple', () => {
    const program = programOf((x) => softmax(x, { axis: 1 }), [41, 30]);
    expect(explainModule(inBlocks(program, 1500))).toContain('min((2*b), 39)');
  });

  test('are left alone where they exchange little, or do not go over rows', () => {
    const few = programOf((x) => softmax(x, { axis: 1 }), [40, 30]);
    expect(explainModule(lowerProgram(few))).not.toMatch(loop);
    const columns = programOf((x) => softmax(x, { axis: 0 }), [40, 30]);
    expect(explainModule(inBlocks(columns, 64))).not.toMatch(/block\d+ .*max/);
  });

  test('wait for rows of another order', () => {
    const mirrored = programOf(
      (x) =>
        flip(softmax(x, { axis: 1 }), { axis: 0 })
          .mul(x)
          .sum({ axis: 1 }),
      [40, 30],
    );
    inBlocks(mirrored, 256);
    const all = programOf((w, x) => matmul(w, softmax(x, { axis: 1 })), [200, 200], [200, 30]);
    expect(explainModule(inBlocks(all, 1024))).toMatch(loop);
    const first = (y: Tensor, isLeft: boolean): Tensor =>
      (isLeft ? y.at(0).mul(y) : y.mul(y.at(0))).sum({ axis: 1 });
    for (const isLeft of [true, false]) {
      const program = programOf((x) => first(softmax(x, { axis: 1 }), isLeft), [40, 30]);
      inBlocks(program, 256);
    }
  });

  test('may read all of an array whose rows others take', () => {
    const program = programOf(
      (x) => {
        const y = softmax(x, { axis: 1 });
        return softmax(y.add(x.at(0)), { axis: 1 }).mul(y);
      },
      [40, 30],
    );
    expect(explainModule(inBlocks(program, 256))).toMatch(/k\d+ \w+\(.*input0, .*block/);
  });

  test('let products of matrices join, where these have many rows', () => {
    const program = programOf(
      (x, w) => softmax(matmul(softmax(x, { axis: 1 }), w), { axis: 1 }),
      [1500, 8],
      [8, 8],
    );
    const main = (bytes: number): string => {
      const text = explainModule(inBlocks(program, bytes));
      return text.slice(text.indexOf('main:'));
    };
    const together = /b < \d+:\n(?: {4}.*\n)* {4}k\d+ dot/;
    expect(main(40_000)).toMatch(together);
    // In larger blocks, with small ones inside for what is not a product.
    expect(main(4000)).toMatch(together);
    expect(main(4000)).toMatch(/^ {4}in order for b < 16:/m);
    expect(main(400)).toMatch(/^ {2}k\d+ dot/m);
  });

  test('are not those whose reads may fail', () => {
    const program = programOf(
      (x) => {
        const y = softmax(x, { axis: 1 });
        return take(y, argmax(y, { axis: 1 }), { axis: 1 }).mul(2);
      },
      [40, 30],
    );
    const text = explainModule(inBlocks(program, 256));
    expect(text).toMatch(loop);
    expect(text).toMatch(/^ {2}k\d+ mul\(.*output0\)$/m);
  });

  test('give the same bits compiled, at real size, with their gradients', () => {
    const program = programOf((x) => softmax(x.mul(2), { axis: 1 }), [10_007, 40]);
    const input = sampleOf(tensorType('float64', [10_007, 40]));
    expect(explainModule(lowerProgram(program))).toMatch(loop);
    // So few rows that there are no blocks.
    const count = 64;
    const part = programOf((x) => softmax(x.mul(2), { axis: 1 }), [count, 40]);
    expect(explainModule(lowerProgram(part))).not.toMatch(loop);
    const [whole] = runCompiled(program, [input]);
    for (const row of [0, 1, 5000, 10_007 - count]) {
      const piece = <T extends { slice(from: number, to: number): T }>(all: T): T =>
        all.slice(40 * row, 40 * (row + count));
      const [own] = runCompiled(part, [piece(input)]);
      if (!(whole instanceof Float64Array) || !own) throw new Error('no result');
      expectExact([piece(whole)], [own]);
    }
    const loss = (x: Tensor): Tensor => softmax(x, { axis: 1 }).square().sum();
    const x = drawn(2, [3000, 40]);
    expect(explain(grad(loss), x)).toMatch(loop);
    const rows = vmap(grad((row: Tensor) => softmax(row).square().sum()));
    expect(jit(grad(loss))(x).toArray()).toBeAllclose(rows(x).toArray(), {
      rtol: 1e-13,
      atol: 1e-18,
    });
    checkGrads(jit(loss), [drawn(3, [3000, 40])], { order: 1 });
  });
});
