import { expect, test } from 'vitest';
import { lowerProgram } from '../../src/compiler/compile.ts';
import * as p from '../../src/primitives/index.ts';
import type { Program } from '../../src/program/program.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { tensorType } from '../../src/tensor/type.ts';
import { trace } from '../../src/trace/trace.ts';

/** A Program of about `length` equations, each of which needs the one before. */
function chain(length: number): Program {
  const body = (x: Tensor, y: Tensor): readonly Tensor[] => {
    let z = x;
    for (let i = 0; i < length; i += 4) {
      const sum = p.reduceSum(z, { axes: [0] });
      z = p.sub(p.mul(z, y), p.broadcast(sum, { shape: [40], axes: [] }));
    }
    return [z];
  };
  const vector = tensorType('float64', [40]);
  return trace([vector, vector], body, { name: 'test' }).program;
}

test('Programs of 10,000 equations compile in time that grows linearly', () => {
  const [short, long] = [chain(2500), chain(10_000)];
  const seconds = (program: Program): number => {
    // Processor time, and the best of a few: other processes do not count.
    const times = Array.from({ length: 4 }, () => {
      const start = process.cpuUsage();
      expect(lowerProgram(program).kernels.length).toBeGreaterThan(program.equations.length / 10);
      return process.cpuUsage(start).user / 1e6;
    });
    return Math.min(...times);
  };
  const small = seconds(short);
  const large = seconds(long);
  expect(large / small).toBeLessThan(9);
}, 60_000);
