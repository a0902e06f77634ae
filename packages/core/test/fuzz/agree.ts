import { type BoundedResult, BoundedRuns } from '../../src/backends/reference/error-bound.ts';
import { storageOfTensor } from '../../src/backends/reference/interpret.ts';
import { formatProgram } from '../../src/program/print.ts';
import { countEquations, type Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import type { Data } from '../../src/tensor/dtype.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { FlatFunction } from '../../src/testing/flat-function.ts';
import { executor } from '../../src/trace/executor.ts';
import { trace } from '../../src/trace/trace.ts';

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
    return new BoundedRuns(this.program, this.inputs.map(storageOfTensor));
  }

  run(): Data[] {
    return executor()
      .run(this.program, this.inputs)
      .map((result) => result.dataSync());
  }
}

/**
 * Whether compiled code does what the reference interpreter does, and both sides give the same. The
 * bounds are widened only as long as they are too narrow.
 *
 * @throws LawBroken when one of them does not.
 */
export function agree(left: Side, right: Side): Verdict {
  if (left.large || right.large) return 'too large';
  const bounds = left === right ? [left.bounded()] : [left.bounded(), right.bounded()];
  const results = left === right ? [left.run()] : [left.run(), right.run()];
  for (;;) {
    if (bounds.some(({ undecided }) => undecided)) return 'undecided';
    const difference = differenceOf(bounds, results);
    if (difference === undefined) return 'holds';
    const wider = bounds.map((each) => each.widen());
    if (!wider.includes(true)) {
      const programs = left === right ? [left] : [left, right];
      const texts = programs.map(({ program }) => formatProgram(program));
      throw new LawBroken(`${difference}\n${texts.join('\n')}`);
    }
  }
}

function differenceOf(
  [first, second]: readonly BoundedRuns[],
  [mine = [], others = []]: readonly Data[][],
): string | undefined {
  if (first === undefined) throw new Error('There is nothing to compare.');
  const wrong = resultsOutside('compiled code differs', mine, first.results);
  if (wrong !== undefined || second === undefined) return wrong;
  const alsoWrong = resultsOutside(
    'compiled code of the other side differs',
    others,
    second.results,
  );
  if (alsoWrong !== undefined) return alsoWrong;
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
      if (!near) return `${what}: ${x} and ${y}, element ${k} of result ${i}, bound ${bound[k]}`;
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
