import { type BoundedResult, BoundedRuns } from '../../src/backends/reference/error-bound.ts';
import { storageOfTensor } from '../../src/backends/reference/interpret.ts';
import { eliminate } from '../../src/compiler/eliminate.ts';
import { formatProgram } from '../../src/program/print.ts';
import { countEquations, type Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import type { Data } from '../../src/tensor/dtype.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { FlatFunction } from '../../src/testing/flat-function.ts';
import { executor } from '../../src/trace/executor.ts';
import { trace } from '../../src/trace/trace.ts';

// So that runs can begin in code that does not wait.
await new WasmExecutor().loadBegin();

/** What a law says about one function. */
export type Verdict =
  | 'holds'
  /** A branch hangs on rounding, or rounding can change the results by more than they are. */
  | 'undecided'
  /** The law says nothing about such a function. */
  | 'outside'
  /** One side has more equations than a check is worth. */
  | 'too large';

/** A law that does not hold. */
export class LawBroken extends Error {
  override readonly name = 'LawBroken';
}

/** Equations of one side, those of loops included. */
const largest = 3000;

/** A function as a Program, with the values to run it on: what it captures comes first. */
export class Side {
  readonly program: Program;
  readonly inputs: readonly Tensor[];

  constructor(f: FlatFunction, inputs: readonly Tensor[]) {
    const traced = trace(
      inputs.map((x) => x.type),
      (...x) => f(...x),
      { name: 'law' },
    );
    this.program = verify(traced.program, 'law');
    this.inputs = [...traced.captures, ...inputs];
  }

  get large(): boolean {
    return countEquations(this.program) > largest;
  }

  bounded(): BoundedRuns {
    // Transposing leaves equations behind that nothing needs, and that nothing could evaluate.
    return new BoundedRuns(eliminate(this.program), this.inputs.map(storageOfTensor));
  }

  run(by = executor()): Data[] {
    return by.run(this.program, this.inputs).map((result) => result.dataSync());
  }

  /** The same, left at every point. */
  runInPieces(by = executor()): Data[] {
    const run = by.begin(this.program, this.inputs);
    try {
      for (;;) {
        const results = run.advance(() => -1);
        if (results) return results.map((result) => result.dataSync());
      }
    } finally {
      run.release();
    }
  }
}

/** Bounds beyond this part of a result say nothing about it. */
const widest = 0.1;

/**
 * Whether two sides give the same, and compiled code of one of them what the reference interpreter
 * gives; or, where values are given, whether these are what it gives. The bounds are widened only as
 * long as they are too narrow.
 *
 * @throws LawBroken when one of them does not.
 */
export function agree(
  left: Side,
  right: Side,
  compiled: Side = left,
  given?: readonly Data[],
): Verdict {
  if (left.large || right.large) return 'too large';
  const first = left.bounded();
  const second = left === right ? undefined : right.bounded();
  const results = given ?? compiled.run();
  const bounds = second ? [first, second] : [first];
  for (;;) {
    if (bounds.some(({ undecided }) => undecided)) return 'undecided';
    const expected = (compiled === right ? second : undefined) ?? first;
    const difference =
      resultsOutside('compiled code differs', results, expected.results) ??
      (second && differenceOf(first, second));
    if (difference === undefined) return bounds.some(saysNothing) ? 'undecided' : 'holds';
    const wider = bounds.map((each) => each.widen());
    if (!wider.includes(true)) {
      const texts = [...new Set([left, right])].map(({ program }) => formatProgram(program));
      throw new LawBroken(`${difference}\n${texts.join('\n')}`);
    }
  }
}

function saysNothing({ results }: BoundedRuns): boolean {
  return results.some(({ data, bound }) => data.some((y, k) => isTooWide(bound[k], y)));
}

function isTooWide(bound: number | undefined, y: number): boolean {
  return (bound ?? 0) > widest * (1 + Math.abs(y));
}

function differenceOf(first: BoundedRuns, second: BoundedRuns): string | undefined {
  const sum = first.results.map(({ data, bound }, i): BoundedResult => {
    const other = second.results[i]?.bound;
    return { data, bound: bound.map((x, k) => x + (other?.[k] ?? 0)) };
  });
  const their = second.results.map(({ data }) => data);
  return resultsOutside('the two sides differ', their, sum);
}

function resultsOutside(
  what: string,
  actual: readonly Data[],
  expected: readonly BoundedResult[],
): string | undefined {
  if (actual.length !== expected.length) return `${what}: ${actual.length} results`;
  for (const [i, { data, bound }] of expected.entries()) {
    const result = actual[i];
    if (result?.length !== data.length)
      return `${what}: result ${i} has ${result?.length} elements`;
    for (const [k, y] of data.entries()) {
      const x = result[k] ?? Number.NaN;
      const near = Object.is(x, y) || Math.abs(x - y) <= (bound[k] ?? 0);
      // What is no number is no rounding, however wide the bound.
      if (!near && !(Number.isFinite(x) && isTooWide(bound[k], y)))
        return `${what}: ${x} and ${y}, element ${k} of result ${i}, bound ${bound[k]}`;
    }
  }
  return undefined;
}

/**
 * Asserts that numbers are equal to the last bit; NaN equals NaN.
 *
 * @throws LawBroken when they are not.
 */
export function sameBits(
  what: string,
  actual: readonly Data[],
  expected: readonly Data[],
): Verdict {
  if (actual.length !== expected.length) throw new LawBroken(`${what}: results are missing`);
  expected.forEach((data, i) => {
    data.forEach((y, k) => {
      const x = actual[i]?.[k];
      if (!Object.is(x, y))
        throw new LawBroken(`${what}: ${x} and ${y}, element ${k} of result ${i}`);
    });
  });
  return 'holds';
}
