import {
  einsum,
  foriLoop,
  grad,
  logsumexp,
  matmul,
  relu,
  slice,
  softmax,
  sum,
  type Tensor,
  tanh,
} from '@grad/core';
import { describe, expect, test } from 'vitest';
import { hasFusedMultiplyAdd } from '../../src/backends/wasm/fused.ts';
import { lowerProgram } from '../../src/compiler/compile.ts';
import { explainModule } from '../../src/compiler/explain.ts';
import type { KernelModule } from '../../src/kernel/statement.ts';
import type { Program } from '../../src/program/program.ts';
import type { Data } from '../../src/tensor/dtype.ts';
import { tensorType } from '../../src/tensor/type.ts';
import { trace } from '../../src/trace/trace.ts';
import { runInPieces, runModule } from '../wasm/harness.ts';
import { expectExact, runCompiled, sampleOf } from './agree.ts';

type Dtype = 'float64' | 'float32';

function programOf(
  dtype: Dtype,
  f: (...x: Tensor[]) => readonly Tensor[],
  ...shapes: (readonly number[])[]
): Program {
  const types = shapes.map((shape) => tensorType(dtype, shape));
  return trace(types, f, { name: 'test' }).program;
}

/** What a module does in blocks of rows, as text. */
function blocksOf(module: KernelModule): string[] {
  const text = explainModule(module);
  return text.slice(text.indexOf('main:')).match(/^ *in order for b.*\n(?: {4}.*\n?)*/gm) ?? [];
}

/** Asserts the bits of code without blocks, fused or not, also in pieces; gives what is in blocks. */
function expectSameBits(program: Program, scale = 1): string[] {
  const inputs = program.inputs.map(({ type }, i) => sampleOf(type, i + 1).map((x) => x * scale));
  const module = lowerProgram(program);
  const whole = lowerProgram(program, Number.POSITIVE_INFINITY);
  expect(blocksOf(whole)).toEqual([]);
  const apart = (of: KernelModule) => ({ ...of, workspace: [...of.workspace.keys()] });
  const run = (of: KernelModule, fused: boolean): readonly Data[] =>
    runModule(apart(of), inputs, undefined, { fused }).outputs;
  const rounded = run(whole, false);
  expectExact(run(module, false), rounded);
  expectExact(runInPieces(apart(module), inputs).outputs, rounded);
  // With the memory that is planned for it.
  expectExact(runCompiled(program, inputs), run(whole, hasFusedMultiplyAdd()));
  return blocksOf(module);
}

/** The gradient of the loss of a batch in the weights and biases of two layers. */
const layers = (x: Tensor, ...parameters: Tensor[]): readonly Tensor[] => {
  const loss = ([w, b, v]: Tensor[]): Tensor => {
    if (!w || !b || !v) throw new Error('unreachable');
    const y = matmul(tanh(matmul(x, w).add(b)), v);
    return logsumexp(y, { axis: 1 }).sum().sub(y.square().sum());
  };
  return grad(loss)(parameters);
};

describe.each(['float64', 'float32'] as const)('sums over rows in blocks, in %s,', (dtype) => {
  // Multiples of a block and of a vector, and others.
  test.each([2560, 2500, 2499, 3001, 2054])('have the bits of whole ones: %i rows', (n) => {
    const shapes = [[12, 64], [64], [64, 24]];
    const [block = '', ...more] = expectSameBits(programOf(dtype, layers, [n, 12], ...shapes));
    expect(more).toEqual([]);
    expect(block.match(/k\d+ dot/g)?.length).toBeGreaterThanOrEqual(5);
    expect(block).toMatch(/k\d+ sum.*firsts/);
  });

  test('keep the sign of a zero that products too small for a number leave', () => {
    const tiny = (x: Tensor, w: Tensor): readonly Tensor[] => {
      const y = matmul(x.abs(), w.abs());
      return [matmul(x.abs().neg().transpose(), y)];
    };
    const program = programOf(dtype, tiny, [4000, 12], [12, 64]);
    const [block = ''] = expectSameBits(program, dtype === 'float64' ? 1e-110 : 1e-16);
    expect(block).toMatch(/dot[\s\S]*dot/);
  });
});

describe('sums over rows in blocks', () => {
  test('may be several of one kernel, and be followed by others', () => {
    const moments = (x: Tensor, w: Tensor): readonly Tensor[] => {
      const y = relu(matmul(x, w));
      const mean = sum(y, { axis: 0 }).div(3000);
      const square = sum(y.square(), { axis: 0 }).div(3000);
      return [mean, square.sub(mean.square()).add(1).log(), matmul(y.transpose(), x)];
    };
    const [block = ''] = expectSameBits(programOf('float64', moments, [3000, 16], [16, 40]));
    expect(block).toMatch(/dot[\s\S]*sum[\s\S]*dot/);
  });

  test('may have a last block of one row', () => {
    const shares = (x: Tensor, w: Tensor): readonly Tensor[] => {
      const y = tanh(matmul(x, w));
      return [sum(y, { axis: 0 }), matmul(x.transpose(), y)];
    };
    const [block = ''] = expectSameBits(programOf('float32', shares, [65_537, 8], [8, 16]));
    expect(block).toMatch(/in order for b < 257:\n(?: {4}.*\n)* {4}if lt\(b, 256\)/);
  });

  test('go over what they share with products once', () => {
    const regression = (x: Tensor, w: Tensor): readonly Tensor[] => {
      const loss = (v: Tensor): Tensor => logsumexp(matmul(x, v), { axis: 1 }).sum();
      return [grad(loss)(w)];
    };
    const [block = ''] = expectSameBits(programOf('float64', regression, [9000, 60], [60, 8]));
    expect(block.match(/dot.*input0/g)?.length).toBe(2);
  });

  test('stay outside where each block would read or add to large matrices', () => {
    const wide = (x: Tensor, w: Tensor): readonly Tensor[] => [matmul(tanh(matmul(x, w)), w)];
    const one = programOf('float32', wide, [1100, 32], [32, 32]);
    expect(blocksOf(lowerProgram(one, 8192))[0]).toMatch(/dot[\s\S]*dot/);
    const large = programOf('float32', wide, [1100, 700], [700, 700]);
    expect(blocksOf(lowerProgram(large))).toEqual([]);
    const tall = (x: Tensor, y: Tensor): readonly Tensor[] => [
      matmul(x.transpose(), tanh(matmul(x, y))),
    ];
    expect(blocksOf(lowerProgram(programOf('float32', tall, [1100, 700], [700, 700])))).toEqual([]);
  });

  test('may go over more axes than the rows', () => {
    const shared = (x: Tensor, w: Tensor): readonly Tensor[] => {
      const y = tanh(einsum('nti,ij->ntj', x, w));
      return [einsum('nti,ntj->ij', x, y)];
    };
    for (const steps of [5, 300]) {
      const n = 6000 / steps;
      expectSameBits(programOf('float64', shared, [n, steps, 12], [12, 40]));
    }
  });

  test('may read all of an array whose rows others take', () => {
    const mixed = (x: Tensor, w: Tensor): readonly Tensor[] => {
      const y = softmax(matmul(x, w), { axis: 1 });
      const z = softmax(y.add(matmul(x.at(0), w)), { axis: 1 });
      return [z.mul(y).sum({ axis: 0 }), matmul(x.transpose(), z.mul(x.at(1).sum()))];
    };
    const [block = ''] = expectSameBits(programOf('float64', mixed, [3000, 12], [12, 50]));
    expect(block).toMatch(/dot[\s\S]*dot/);
    const first = (x: Tensor, w: Tensor): readonly Tensor[] => {
      const y = matmul(x, w);
      const z = softmax(softmax(y, { axis: 1 }).add(y.at(0)), { axis: 1 });
      return [z, matmul(x.transpose(), softmax(z, { axis: 1 }))];
    };
    expectSameBits(programOf('float64', first, [3000, 12], [12, 50]));
  });

  test('wait for all rows that a product needs', () => {
    const later = (x: Tensor, w: Tensor): readonly Tensor[] => {
      const y = softmax(matmul(x, w), { axis: 1 });
      const first = slice(y, [0, 0], [12, 50]);
      return [softmax(matmul(x, first), { axis: 1 }).mul(y)];
    };
    const [block = ''] = expectSameBits(programOf('float64', later, [3000, 12], [12, 50]));
    expect(block.match(/dot/g)?.length).toBe(1);
  });

  test('start anew in each iteration of a loop around them', () => {
    const descent = (x: Tensor, w: Tensor): readonly Tensor[] => {
      const loss = (v: Tensor): Tensor => logsumexp(matmul(x, v), { axis: 1 }).sum();
      return foriLoop(0, 3, (_, [v]) => [v.sub(grad(loss)(v).mul(1e-3))], [w]);
    };
    expectSameBits(programOf('float64', descent, [2100, 20], [20, 40]));
  });

  test('are taken at once where their results are few', () => {
    const total = (x: Tensor, w: Tensor): readonly Tensor[] => [
      logsumexp(matmul(x, w), { axis: 1 }).sum(),
    ];
    const [block = ''] = expectSameBits(programOf('float64', total, [4000, 20], [20, 200]));
    expect(block).toMatch(/dot/);
    expect(block).not.toMatch(/firsts/);
  });

  test('need memory for a block of what they read alone', () => {
    const program = programOf('float64', layers, [20_000, 12], [12, 64], [64], [64, 24]);
    const whole = lowerProgram(program, Number.POSITIVE_INFINITY).workspaceBytes;
    expect(lowerProgram(program).workspaceBytes).toBeLessThan(whole / 10);
  });
});
