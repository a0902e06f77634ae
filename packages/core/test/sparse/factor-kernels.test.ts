// The kernels of factors and triangular systems are held to the laws of primitives here, and not among
// the others, since their lists must not be changed as other operands may be.

import { stack, type Tensor, vmap, zeros } from '@grad/core';
import { checkGrads, gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import { describe, expect, test } from 'vitest';
import { interpret } from '../../src/backends/reference/interpret.ts';
import { storageOfTensor } from '../../src/backends/reference/walk.ts';
import type { Primitive } from '../../src/primitives/define.ts';
import { factorSolve } from '../../src/primitives/sparse/factor-solve.ts';
import { sparseCholesky, sparseLu } from '../../src/primitives/sparse/factorize.ts';
import { incompleteLu } from '../../src/primitives/sparse/incomplete-lu.ts';
import { triangular } from '../../src/primitives/sparse/triangular.ts';
import { isFloat } from '../../src/tensor/dtype.ts';
import { bindOne } from '../../src/trace/trace.ts';
import { type Case, casesOf, ofFloats, programOf } from '../laws/cases.ts';
import { missingSamples } from '../laws/sample-coverage.ts';

expect.extend(gradMatchers);

const kernels: readonly Primitive[] = [
  sparseCholesky,
  sparseLu,
  factorSolve,
  triangular,
  incompleteLu,
];

function expectSame(found: ArrayLike<number>, expected: ArrayLike<number>, single: boolean): void {
  expect(found.length).toBe(expected.length);
  const size = Math.max(1, ...Array.from(expected, Math.abs));
  Array.from(expected).forEach((y, i) => {
    const off = Math.abs((found[i] ?? Number.NaN) - y);
    if (!(off <= size * (single ? 2e-5 : 1e-13)))
      throw new Error(`element ${i} is ${found[i]}, expected ${y}`);
  });
}

describe.each(kernels.map((kernel) => [kernel.name, kernel] as const))('%s', (_, kernel) => {
  const cases = casesOf(kernel).map((one): [string, Case] => [one.title, one]);

  test('has samples that are empty, single and odd', () => {
    expect(missingSamples(kernel)).toEqual([]);
  });

  test.each(cases)('of %s gives what plain loops over a dense matrix give', (_title, one) => {
    const inputs = one.operands;
    const [expected] = interpret(programOf(one, inputs), inputs.map(storageOfTensor));
    const found = bindOne(kernel, inputs, one.params);
    if (expected?.kind !== 'dense') throw new Error('unreachable');
    // What the upper triangle of a block of L holds is nobody's business.
    const data = found.dataSync();
    const read = kernel === sparseCholesky ? lowerOnly(data, expected.data) : data;
    expectSame(read, expected.data, found.dtype === 'float32');
  });

  test.each(cases.filter(([, { operands }]) => operands[0]?.dtype === 'float64'))(
    'in batches of %s is a loop over them',
    (_title, one) => {
      const { f, point } = ofFloats(one);
      const call = (...x: Tensor[]): Tensor => f(...x)[0] ?? never();
      // A factor of LU says which rows were exchanged, and is no factor any more when that changes.
      const scaled = point.map((x, i) => (kernel === factorSolve && i === 0 ? x : x.mul(1.25)));
      point.forEach((_x, moved) => {
        const batch = point.map((x, i) => (i === moved ? stack([x, scaled[i] ?? x]) : x));
        const inAxes = point.map((_y, i) => (i === moved ? 0 : null));
        const all = vmap(call, { inAxes })(...batch);
        const second = call(...point.map((x, i) => (i === moved ? (scaled[i] ?? x) : x)));
        expectSame(all.dataSync(), [...call(...point).dataSync(), ...second.dataSync()], false);
      });
    },
  );
});

function never(): never {
  throw new Error('unreachable');
}

/** Found elements, with those that are not expected to be anything left out. */
function lowerOnly(found: ArrayLike<number>, expected: ArrayLike<number>): number[] {
  return Array.from(expected, (y, i) => (y === 0 ? 0 : (found[i] ?? Number.NaN)));
}

test.each([factorSolve, triangular].map((kernel) => [kernel.name, kernel] as const))(
  'solutions by %s have derivatives in the right-hand sides',
  (_name, kernel) => {
    for (const one of casesOf(kernel, 'float64')) {
      const at = one.operands.findIndex((x, i) => i === 1 && isFloat(x.dtype));
      const b = one.operands[at];
      if (!b || b.size === 0) continue;
      const solve = (rhs: Tensor): Tensor =>
        bindOne(kernel, one.operands.with(at, rhs), one.params);
      checkGrads(solve, [b], { order: 2 });
    }
  },
);

test.each([factorSolve, triangular].map((kernel) => [kernel.name, kernel] as const))(
  'right-hand sides of %s have a row for each of the matrix',
  (_name, kernel) => {
    for (const one of casesOf(kernel, 'float64')) {
      const b = one.operands[1];
      if (!b) throw new Error('unreachable');
      const [batch = 0, rows = 0, columns = 0] = b.shape;
      for (const shape of [
        [batch, rows + 1, columns],
        [batch, rows],
        [batch + 1, rows, columns],
      ]) {
        const wrong = zeros(shape);
        expect(() => bindOne(kernel, one.operands.with(1, wrong), one.params)).toThrow(kernel.name);
      }
    }
  },
);
