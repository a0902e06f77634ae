import { interpretWithBounds } from '../../src/backends/reference/error-bound.ts';
import { storageOfTensor } from '../../src/backends/reference/interpret.ts';
import { formatProgram } from '../../src/program/print.ts';
import type { Program } from '../../src/program/program.ts';
import type { Data } from '../../src/tensor/dtype.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { describeType, sameType } from '../../src/tensor/type.ts';
import type { Accuracy } from './accuracy.ts';
import { compiled, reference } from './backends.ts';

/** How many representable numbers apart two floats are; signed zeros and NaNs count as one. */
export function ulpDistance(a: number, b: number, single: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  return Math.abs(Number(rank(a, single) - rank(b, single)));
}

/** Position of a float among all floats, in order. */
function rank(x: number, single: boolean): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  if (single) bits.setFloat32(0, x);
  else bits.setFloat64(0, x);
  const pattern = single ? BigInt(bits.getInt32(0)) : bits.getBigInt64(0);
  const sign = single ? -(2n ** 31n) : -(2n ** 63n);
  return pattern >= 0n ? pattern : sign - pattern;
}

/** Runs a Program on both backends; results are as close as `accuracy` says, zeros of one sign. */
export function expectUlps(
  program: Program,
  inputs: readonly Tensor[],
  { ulps, floor, unique }: Accuracy,
): void {
  const expected = reference.run(program, inputs);
  const actual = compiled.run(program, inputs);
  expected.forEach((target, i) => {
    const result = expectType(actual[i], target);
    const single = target.dtype === 'float32';
    const made = program.outputs[i];
    const equation = program.equations.find(({ outputs }) => outputs.some((v) => v === made));
    const compared = (x: Tensor): Data =>
      unique && equation ? unique(x.dataSync(), equation) : x.dataSync();
    eachElement(compared(result), compared(target), (x, y, k) => {
      const distance = ulpDistance(x, y, single);
      const zeros = y !== 0 || Object.is(x, y) || target.dtype === 'int32';
      if (distance <= ulps && zeros) return;
      const small =
        Math.abs(y) < floor && Math.abs(x - y) <= ulps * floor * (single ? 2 ** -23 : 2 ** -52);
      if (small) return;
      fail(program, inputs, i, k, `${x}, expected ${y}: ${distance} ulp apart, allowed ${ulps}`);
    });
  });
}

/**
 * Runs a Program on both backends and asserts that they agree within what rounding can do to it.
 * False when a branch of the Program hangs on rounding, and nothing can be said.
 */
export function expectWithinBounds(program: Program, inputs: readonly Tensor[]): boolean {
  const actual = compiled.run(program, inputs);
  const { undecided, results } = interpretWithBounds(program, inputs.map(storageOfTensor));
  if (undecided) return false;
  results.forEach(({ data, bound }, i) => {
    const got = actual[i]?.dataSync() ?? [];
    data.forEach((y, k) => {
      const x = got[k] ?? Number.NaN;
      const allowed = bound[k] ?? 0;
      if (Object.is(x, y) || Math.abs(x - y) <= allowed) return;
      fail(program, inputs, i, k, `${x}, expected ${y} within ${allowed}`);
    });
  });
  return true;
}

function expectType(result: Tensor | undefined, target: Tensor): Tensor {
  if (result === undefined || !sameType(result.type, target.type)) {
    throw new Error(
      `a result is ${result ? describeType(result.type) : 'missing'}, expected ${describeType(target.type)}`,
    );
  }
  return result;
}

function eachElement(
  a: Data,
  b: Data,
  visit: (x: number, y: number, position: number) => void,
): void {
  b.forEach((y, k) => {
    visit(a[k] ?? Number.NaN, y, k);
  });
}

function fail(
  program: Program,
  inputs: readonly Tensor[],
  result: number,
  element: number,
  what: string,
): never {
  throw new Error(
    `result ${result}, element ${element} is ${what}\n${formatProgram(program)}\n${inputs.join('\n')}`,
  );
}
