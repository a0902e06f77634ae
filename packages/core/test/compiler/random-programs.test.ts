import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerProgram } from '../../src/compiler/compile.ts';
import { simplify } from '../../src/compiler/simplify.ts';
import { countEquations, type Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import { evaluateProgram, expectClose, expectExact, runCompiled, sampleOf } from './agree.ts';
import { interpretModule, type Value } from './interpret-kernels.ts';
import { randomProgram } from './random-programs.ts';

function inputsOf(program: Program): Value[] {
  return program.inputs.map(({ type }, i) => sampleOf(type, i + 1));
}

const options = {
  numRuns: 300,
  seed: 20261123,
  interruptAfterTimeLimit: 60_000,
  markInterruptAsFailure: true,
};

describe('random Programs', () => {
  it('give the same bits after simplification', () => {
    fc.assert(
      fc.property(randomProgram, (program) => {
        const inputs = inputsOf(program);
        const simpler = simplify(program, { check: verify });
        expectExact(evaluateProgram(simpler, inputs), evaluateProgram(program, inputs));
      }),
      options,
    );
  });

  it('never grow by more than what moves out of loops', () => {
    fc.assert(
      fc.property(randomProgram, (program) => {
        const once = simplify(program);
        expect(countEquations(simplify(once))).toBeLessThanOrEqual(countEquations(once));
      }),
      options,
    );
  });

  it('give the same values as kernels, and as compiled code', () => {
    fc.assert(
      fc.property(randomProgram, (program) => {
        const inputs = inputsOf(program);
        const expected = evaluateProgram(program, inputs);
        expectClose(interpretModule(lowerProgram(program), inputs).outputs, expected);
        expectClose(runCompiled(program, inputs), expected);
      }),
      options,
    );
  });

  it('give the same bits in blocks of a few rows', () => {
    let inBlocks = 0;
    fc.assert(
      fc.property(randomProgram, (program) => {
        const inputs = inputsOf(program);
        const whole = lowerProgram(program, Number.POSITIVE_INFINITY);
        const blocks = lowerProgram(program, 8);
        inBlocks += Number(JSON.stringify(blocks.main).includes('"name":"b"'));
        const expected = interpretModule(whole, inputs).outputs;
        expectExact(interpretModule(blocks, inputs).outputs, expected);
      }),
      options,
    );
    expect(inBlocks).toBeGreaterThan(0);
  });
});
