// Addresses are 32 bits, of which the highest is no sign. Most tests never see it set.

import { grad, scan, type Tensor, tensor, whileLoop } from '@grad/core';
import { describe, expect, test } from 'vitest';
import type { Program } from '../../src/program/program.ts';
import { CallMemory } from '../../src/runtime/call-memory.ts';
import { CompiledProgram } from '../../src/runtime/compiled-program.ts';
import { ResumableProgram } from '../../src/runtime/resumable-program.ts';
import { trace } from '../../src/trace/trace.ts';
import { casesOf, primitives, programOf } from '../laws/cases.ts';
import { dtypes, programs } from '../threads/programs.ts';

// Large enough values live outside of the memory of a call, as those of large programs do.
const options = { residentFrom: 256, broughtFrom: 256 };

/** Memory whose free part begins at an address. */
function from(address: number): CallMemory {
  const memory = new CallMemory(options);
  memory.realm.allocate(address - memory.realm.end);
  return memory;
}

const low = new CallMemory(options);
const middle = from(2 ** 31 - 2 ** 16 - 2 ** 12);
/** Less is left than the stacks of the test below need with what memory grows by at a time. */
const end = from(2 ** 32 - 2 ** 27);

function run(memory: CallMemory, program: Program, inputs: readonly Tensor[]): unknown[] {
  const results = new CompiledProgram(program, memory, true).run(inputs, 1);
  return results.map((result) => [result.dtype, result.shape, result.dataSync()]);
}

test.each(primitives.map((primitive) => [primitive.name, primitive] as const))(
  '%s has the bits at the end of 4 GiB that it has below',
  (_name, primitive) => {
    const cases = casesOf(primitive);
    for (const sample of cases) {
      const program = programOf(sample, sample.operands);
      expect(run(end, program, sample.operands), sample.title).toEqual(
        run(low, program, sample.operands),
      );
    }
    expect(cases.length).toBeGreaterThan(0);
  },
);

describe.each([
  ['across 2 GiB', middle],
  ['at the end of 4 GiB', end],
] as const)('%s', (_, high) => {
  describe.each(dtypes)('in %s', (dtype) => {
    test.each(programs(dtype))('$name, in one go and in slices', ({ f, x }) => {
      const types = x.map(({ type }) => type);
      const { program, captures } = trace(types, (...xs) => [f(...xs)], { name: 'test' });
      const inputs = [...captures, ...x];
      const expected = run(low, program, inputs);
      expect(run(high, program, inputs)).toEqual(expected);
      const call = new ResumableProgram(program, high, true).begin(inputs, 1);
      let results: readonly Tensor[] | undefined;
      for (let i = 0; results === undefined && i < 1e5; i++) results = call.advance(() => 1000);
      call.release();
      expect(results?.map((y) => [y.dtype, y.shape, y.dataSync()])).toEqual(expected);
    });
  });

  test('stacks of loops of unknown length grow there', () => {
    const f = (x: Tensor): Tensor => {
      const halved = whileLoop(
        ({ n }) => n.lt(2500),
        ({ y, n }) => ({ y: y.sin().mul(0.99).add(x.mul(0.01)), n: n.add(1) }),
        { y: x, n: tensor(0) },
      );
      const [last] = scan((c: Tensor, _) => [c.sin(), null], halved.y, null, { length: 50 });
      return last.sum();
    };
    const x = tensor(Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i)));
    const { program, captures } = trace([x.type], (y) => [grad(f)(y)], { name: 'test' });
    expect(run(high, program, [...captures, x])).toEqual(run(low, program, [...captures, x]));
  });
});
