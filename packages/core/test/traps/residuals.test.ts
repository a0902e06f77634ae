// One tanh saved nine arrays. A primitive saves what its rule says, once, and linear ones nothing.

import { concatenate, exp, mul, scan, sin, sum, type Tensor, tanh, where } from '@grad/core';
import { describe, expect, test } from 'vitest';
import { countEquations } from '../../src/program/program.ts';
import { tensorType } from '../../src/tensor/type.ts';
import { executor } from '../../src/trace/executor.ts';
import { trace } from '../../src/trace/trace.ts';
import { linearizeProgram } from '../../src/transforms/linearize-program.ts';

function linearized(f: (x: Tensor) => Tensor, shape: readonly number[] = [7]) {
  const { program, captures } = trace([tensorType('float64', shape)], (x) => [f(x)], {
    name: 'test',
  });
  return linearizeProgram(executor().simplify(program), [...captures.map(() => false), true]);
}

const savings: readonly (readonly [string, (x: Tensor) => Tensor, number])[] = [
  ['tanh', (x) => tanh(x), 1],
  ['sin', (x) => sin(x), 1],
  ['exp', (x) => exp(x), 1],
  ['a square', (x) => mul(x, x), 1],
  ['a sum of linear parts', (x) => sum(concatenate([x.add(x), x.neg()]).reshape([2, 7])), 0],
  ['a selection', (x) => where(x.gt(0), x, 0), 1],
  ['a chain of five tanh', (x) => tanh(tanh(tanh(tanh(tanh(x))))), 5],
];

describe('residuals', () => {
  test.each(savings)('of %s', (_, f, count) => {
    expect(linearized(f).residuals).toBe(count);
  });

  test('of a loop over tanh are one stacked array', () => {
    const f = (x: Tensor): Tensor =>
      scan((c: Tensor) => [tanh(c), null], x, undefined, { length: 10 })[0];
    const { primal, residuals } = linearized(f);
    expect(residuals).toBe(1);
    expect(primal.outputs.at(-1)?.type).toMatchObject({ shape: [10, 7] });
  });

  test('are used by a linear Program of one equation for each primitive of a chain', () => {
    const chain =
      (n: number) =>
      (x: Tensor): Tensor =>
        Array.from({ length: n }).reduce<Tensor>((y) => tanh(y), x);
    const [ten, twenty] = [10, 20].map((n) => countEquations(linearized(chain(n)).linear));
    expect(ten).toBe(10);
    expect(twenty).toBe(20);
  });
});
