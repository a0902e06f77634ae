import { definePrimitive, kernel, type Tensor } from '@grad/core';
import { expect, test } from 'vitest';
import { lowerProgram } from '../../src/compiler/compile.ts';
import { tensorType } from '../../src/tensor/type.ts';
import { trace } from '../../src/trace/trace.ts';

test('kernel code of equations that differ in their variables alone is tried once', () => {
  let runs = 0;
  const twice = definePrimitive({
    name: 'twice',
    arity: 1,
    type: ([x]) => x,
    linear: { in: [0], as: 'together' },
    transpose: () => {},
    vmap: ([x]) => x,
    lower: {
      kind: 'pull',
      cost: 'cheap',
      at: ([read], index) => {
        runs += 1;
        return kernel.binary('add', read(index), read(index));
      },
    },
  });
  const runsFor = (extent: number, length: number): number => {
    const body = (x: Tensor): readonly Tensor[] => {
      let y = x;
      for (let i = 0; i < length; i++) y = twice(y);
      return [y];
    };
    const before = runs;
    lowerProgram(trace([tensorType('float64', [extent])], body, { name: 'test' }).program);
    return runs - before;
  };
  // Each is printed once.
  expect(runsFor(40, 100)).toBe(101);
  expect(runsFor(40, 300)).toBe(300);
  expect(runsFor(50, 300)).toBe(301);
});
