import { foriLoop, type Tensor } from '@grad/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanOperation } from '../../src/flow/scan-operation.ts';
import type { Equation, Program } from '../../src/program/program.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { Symbolic } from '../../src/tensor/storage.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import type { Progress, ResumableRun } from '../../src/trace/executor.ts';
import { flattenTensors, traceTree } from '../../src/transforms/trace-tree.ts';
import { sampleOf } from '../compiler/agree.ts';
import { randomProgram } from '../compiler/random-programs.ts';
import { loopingFunctions } from './looping-functions.ts';

const executor = new WasmExecutor();
await executor.loadBegin();

function recorded(f: (x: Tensor) => unknown, x: Tensor): { program: Program; inputs: Tensor[] } {
  const [leaves, treedef] = flattenTensors([x]);
  const types = leaves.map(({ type }) => type);
  const { program, captures } = traceTree('test', f, treedef, types);
  return { program, inputs: [...captures, ...leaves] };
}

function bitsOf(tensors: readonly Tensor[]): unknown[] {
  return tensors.map(({ source, shape }) => {
    if (source instanceof Symbolic || source.kind !== 'dense') throw new Error('not dense');
    const { buffer, byteOffset, byteLength } = source.data;
    return [shape, [...new Uint8Array(buffer, byteOffset, byteLength)]];
  });
}

/** Runs to the end, leaving whenever `refuel` says so; `between` runs while it is left. */
function inPieces(
  run: ResumableRun,
  refuel: () => number,
  between: () => void = () => {},
): { results: readonly Tensor[]; seen: Progress[] } {
  const seen: Progress[] = [];
  for (let visits = 0; visits < 1_000_000; visits++) {
    const results = run.advance(refuel);
    seen.push(run.progress());
    if (results) {
      run.release();
      return { results, seen };
    }
    between();
  }
  throw new Error('the run never ends');
}

/** A call on memory that another one may have left, with stacks that grow and are overwritten. */
const disturbance = (() => {
  const found = loopingFunctions.find(([name]) => name.includes('one in the other'));
  if (!found) throw new Error('it has another name');
  const [, f, x] = found;
  const { program, inputs } = recorded(f, x);
  return () => executor.run(program, inputs);
})();

/** Random Programs that also give what each of their loops gives, so that none is left out. */
const withLoops = randomProgram
  .filter(({ equations }) => equations.some(isLoop))
  .map((program) => ({
    ...program,
    outputs: [
      ...program.outputs,
      ...program.equations.filter(isLoop).flatMap(({ outputs }) => outputs),
    ],
  }));

function isLoop({ operation }: Equation): boolean {
  return operation === scanOperation;
}

describe('a run that is left at every point', () => {
  test.each(loopingFunctions)('gives the same bits for %s', (_, f, x) => {
    const { program, inputs } = recorded(f, x);
    const expected = bitsOf(executor.run(program, inputs));
    const often = inPieces(executor.begin(program, inputs), () => -1, disturbance);
    expect(bitsOf(often.results)).toEqual(expected);
    const never = inPieces(executor.begin(program, inputs), () => 2 ** 30);
    expect(bitsOf(never.results)).toEqual(expected);
    expect(never.seen).toHaveLength(1);
    expect(often.seen.at(-1)).toEqual(never.seen[0]);
    often.seen.reduce((before, after) => {
      expect(after.steps).toBeGreaterThanOrEqual(before.steps);
      if (before.fraction !== null) {
        expect(after.fraction).toBeGreaterThanOrEqual(before.fraction);
        expect(after.fraction).toBeLessThanOrEqual(1);
      }
      return after;
    });
    expect(often.seen.at(-1)?.fraction).toBe(1);
  });

  test('gives the same bits for random Programs, left at random', () => {
    let left = 0;
    fc.assert(
      fc.property(withLoops, fc.array(fc.integer({ min: -1, max: 5 })), (program, fuels) => {
        const inputs = program.inputs.map(({ type }, i) => {
          if (type.kind === 'stack') throw new Error('no stacks');
          return fromData(type.dtype, type.shape, sampleOf(type, i + 1));
        });
        let at = 0;
        const refuel = (): number => fuels[at++ % (fuels.length + 1)] ?? -1;
        const { results, seen } = inPieces(executor.begin(program, inputs), refuel);
        left += seen.length - 1;
        expect(bitsOf(results)).toEqual(bitsOf(executor.run(program, inputs)));
      }),
      {
        numRuns: 300,
        seed: 20261125,
        interruptAfterTimeLimit: 60_000,
        markInterruptAsFailure: true,
      },
    );
    expect(left).toBeGreaterThan(100);
  });

  test('computes its own among others that were left', () => {
    const runs = loopingFunctions
      .filter(([name]) => name.includes('unknown length') || name.includes('branches'))
      .map(([, f, x]) => {
        const { program, inputs } = recorded(f, x);
        const expected = bitsOf(executor.run(program, inputs));
        return { expected, run: executor.begin(program, inputs) };
      });
    // Two of each, of which one is always ahead.
    const twice = loopingFunctions.flatMap(([, f, x]) => {
      const { program, inputs } = recorded(f, x);
      const [ahead, behind] = [executor.begin(program, inputs), executor.begin(program, inputs)];
      const left = ahead.advance(() => -1) === undefined;
      return left ? [{ program, inputs, ahead, behind }] : [];
    });
    expect(twice.length).toBeGreaterThan(15);
    let waiting = runs;
    while (waiting.length > 0) {
      waiting = waiting.filter(({ expected, run }) => {
        const results = run.advance(() => -1);
        if (results) {
          expect(bitsOf(results)).toEqual(expected);
          run.release();
        }
        return results === undefined;
      });
    }
    for (const { program, inputs, ahead, behind } of twice) {
      const expected = bitsOf(executor.run(program, inputs));
      behind.advance(() => -1);
      expect(
        bitsOf(
          inPieces(
            ahead,
            () => -1,
            () => void behind.progress(),
          ).results,
        ),
      ).toEqual(expected);
      expect(bitsOf(inPieces(behind, () => 7).results)).toEqual(expected);
    }
  });

  test('gives all of its memory back, whether it has ended or not', () => {
    const own = new WasmExecutor({ keptBytes: 0, residentBytes: 0 });
    for (const [, f, x] of loopingFunctions) {
      const { program, inputs } = recorded(f, x);
      const [ended, given] = [own.begin(program, inputs), own.begin(program, inputs)];
      for (let i = 0; i < 9 && given.advance(() => -1) === undefined; i++);
      inPieces(ended, () => -1);
      expect(own.bytesInUse).toBeGreaterThan(0);
      given.release();
      given.release();
      expect(own.bytesInUse).toBe(0);
    }
  });

  test('keeps large inputs where they are, while others come and go and handles are disposed', () => {
    const size = 5000;
    const own = new WasmExecutor({ residentBytes: 16 * size, residentFrom: 1024 });
    const large = (k: number): Tensor =>
      fromData(
        'float64',
        [size],
        Float64Array.from({ length: size }, (_, i) => Math.sin(i + k)),
      );
    const f = (x: Tensor): Tensor => foriLoop(0, 6, (_, c) => c.mul(0.5).add(x), x);
    const { program, inputs } = recorded(f, large(0));
    const expected = bitsOf(own.run(program, inputs));
    const mine = recorded(f, large(0)).inputs;
    const run = own.begin(program, mine);
    let others = 1;
    const { results } = inPieces(
      run,
      () => -1,
      () => {
        own.run(program, [large(others++)]);
        for (const input of mine) input.dispose();
      },
    );
    expect(others).toBeGreaterThan(5);
    for (let i = 0; i < 4; i++) own.run(program, [large(others++)]);
    expect(bitsOf(results)).toEqual(expected);
    expect(() => own.begin(program, mine)).toThrow('was disposed');
  });
});
